import { lnIncompleteBetaUpper } from './special/incomplete-beta';
import { lnGamma } from './special/ln-gamma';

/**
 * ln of the evidence against “the share is at most `limit`”, 0 < limit < 1: the likelihood of what was seen, averaged
 * over shares above the limit, against that of the limit itself. However often somebody looks, and whenever they stop,
 * a share that is at most the limit lets it pass 1 / alpha with probability alpha at most (J. Ville, 1939; H. Robbins,
 * Annals of Mathematical Statistics 41, 1970; the one-sided beta-binomial mixture of S. Howard et al., Annals of
 * Statistics 49, 2021). The average has the density of a Beta(1, 1 / limit) above the limit: most of its weight lies
 * between once and four times the limit, where a guardrail matters.
 */
export function lnEvidence(events: number, n: number, limit: number): number {
  const b = 1 / limit;
  const [after, others] = [1 + events, b + n - events];
  const lnMixed =
    lnGamma(after) +
    lnGamma(others) -
    lnGamma(1 + b + n) +
    Math.log(b) +
    lnIncompleteBetaUpper(after, others, limit) -
    b * Math.log1p(-limit);
  return lnMixed - events * Math.log(limit) - (n - events) * Math.log1p(-limit);
}

const SMALLEST = 1e-12;

/**
 * Lower bound of a share at confidence 1 − alpha that holds at every look at once: the largest limit that what was seen
 * speaks against. 0 where nothing does.
 */
export function alwaysValidLowerBound(events: number, n: number, alpha: number): number {
  const speaksAgainst = (limit: number): boolean => lnEvidence(events, n, limit) >= -Math.log(alpha);
  if (events <= 0 || n <= 0 || !speaksAgainst(SMALLEST)) return 0;
  let low = Math.log(SMALLEST);
  let high = Math.log(Math.min(events / n, 1 - SMALLEST));
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (speaksAgainst(Math.exp(middle))) low = middle;
    else high = middle;
  }
  return Math.exp(low);
}
