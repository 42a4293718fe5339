import { asP } from './p-value';
import { betaQuantile } from './special/beta-quantile';
import { lnBinomial } from './special/binomial';
import { incompleteBeta } from './special/incomplete-beta';
import { integrate } from './special/quadrature';
import type { Count } from './two-proportions';

/** What two shares may be after what was seen, from a uniform prior on each. */
export interface BetaBinomial {
  /** P(the arm's rate is the larger). */
  readonly pBetter: number;
  /** How much rate is given away on average by choosing the arm: E[max(0, reference − arm)]. */
  readonly expectedLoss: number;
  /** Equal-tailed credible interval of the arm's rate at 1 − alpha. */
  readonly interval: readonly [number, number];
}

/** Posterior Beta(1 + events, 1 + n − events). */
interface Posterior {
  readonly a: number;
  readonly b: number;
  readonly mean: number;
  readonly sd: number;
}

function posterior({ n, events }: Count): Posterior {
  const [a, b] = [1 + events, 1 + n - events];
  const mean = a / (a + b);
  return { a, b, mean, sd: Math.sqrt((mean * (1 - mean)) / (a + b + 1)) };
}

/** Compares two shares. Integrals by Gauss and Legendre, to about nine digits. */
export function betaBinomial(arm: Count, reference: Count, alpha: number): BetaBinomial {
  const [own, other] = [posterior(arm), posterior(reference)];
  const points = piecesOf(own, other);
  const density = (x: number): number =>
    (own.a + own.b - 1) * Math.exp(lnBinomial(own.a - 1, own.a + own.b - 2, x));
  const below = (p: Posterior, x: number): number => incompleteBeta(p.a, p.b, x).lower;
  const above = (p: Posterior, x: number): number => incompleteBeta(p.a, p.b, x).upper;
  const better = integrate((x) => density(x) * below(other, x), points);
  return {
    pBetter: asP(better),
    // ∫ P(reference > x) P(arm < x) dx
    expectedLoss: integrate((x) => above(other, x) * below(own, x), points),
    interval: credibleInterval(own, alpha),
  };
}

const credibleInterval = ({ a, b }: Posterior, alpha: number): readonly [number, number] => [
  betaQuantile(alpha / 2, a, b),
  1 - betaQuantile(alpha / 2, b, a),
];

/** Where either posterior has any weight, cut where one of them is steep. */
function piecesOf(...posteriors: readonly Posterior[]): number[] {
  const cuts = posteriors.flatMap(({ mean, sd }) =>
    [-38, -12, -6, -3, -1, 0, 1, 3, 6, 12, 38].map((k) => mean + k * sd),
  );
  return [...new Set([0, 1, ...cuts.map((x) => Math.min(1, Math.max(0, x)))])].sort((x, y) => x - y);
}
