import { asP } from './p-value';
import { normalTail } from './special/normal-tail';
import { wilsonInterval } from './wilson';

/** People and how many of them had the event. */
export interface Count {
  readonly n: number;
  readonly events: number;
}

export const rateOf = ({ n, events }: Count): number => (n === 0 ? 0 : events / n);

/**
 * z test of two shares with the pooled variance (its square is Pearson's chi-square) and its two-sided p, never 0.
 * z = 0 and p = 1 where nothing varies: an empty arm, no event at all, an event for everybody.
 */
export function twoProportionTest(arm: Count, reference: Count): { readonly z: number; readonly p: number } {
  const n = arm.n + reference.n;
  const events = arm.events + reference.events;
  // Counts are multiplied before anything is divided: near rates, and rates near 1, would lose their digits.
  const spread = events * (n - events) * (arm.n * reference.n);
  if (arm.n === 0 || reference.n === 0 || !(spread > 0)) return { z: 0, p: 1 };
  const apart = arm.events * reference.n - reference.events * arm.n;
  const z = apart * Math.sqrt(n / spread);
  return { z, p: asP(2 * normalTail(Math.abs(z))) };
}

/**
 * Interval of arm − reference at confidence 1 − alpha, within [−1, 1]: the square-and-add interval of the two Wilson
 * intervals, which holds its coverage for rare events where Wald's does not.
 * R. G. Newcombe, Statistics in Medicine 17 (1998), method 10.
 */
export function newcombeInterval(arm: Count, reference: Count, alpha: number): readonly [number, number] {
  const [armLow, armHigh] = wilsonInterval(arm.events, arm.n, alpha);
  const [refLow, refHigh] = wilsonInterval(reference.events, reference.n, alpha);
  const armRate = rateOf(arm);
  const refRate = rateOf(reference);
  const difference = armRate - refRate;
  return [
    Math.max(-1, difference - Math.hypot(armRate - armLow, refHigh - refRate)),
    Math.min(1, difference + Math.hypot(armHigh - armRate, refRate - refLow)),
  ];
}

/** Events (and non-events) the smaller arm would have at the pooled rate: below 5 the z test cannot be trusted. */
export function smallestExpected(arm: Count, reference: Count): number {
  const n = arm.n + reference.n;
  if (n === 0) return 0;
  const pooled = (arm.events + reference.events) / n;
  return Math.min(arm.n, reference.n) * Math.min(pooled, 1 - pooled);
}
