import { lnBinomial } from './special/binomial';
import { lnIncompleteBetaUpper } from './special/incomplete-beta';

/**
 * ln of the evidence that an arm has more of an event that is rare than its reference, both having been sent: of all events,
 * `share` would be the arm's if the rates were the same (its share of those who were sent to). A uniform mixture over larger
 * shares against that one; passes 1 / alpha with probability alpha at most, however often it is looked at, where the
 * arm's rate is no higher. For at most one event a person.
 */
export function lnEventShareEvidence(input: {
  readonly arm: number;
  readonly reference: number;
  readonly share: number;
}): number {
  const { arm, reference, share } = input;
  const events = arm + reference;
  return (
    lnIncompleteBetaUpper(1 + arm, 1 + reference, share) -
    Math.log1p(-share) -
    Math.log1p(events) -
    lnBinomial(arm, events, share)
  );
}
