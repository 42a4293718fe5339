import type { Moments } from './means';
import { normalQuantile } from './special/normal-quantile';
import { rateOf, type Count } from './two-proportions';

/** How much more, as a share of the reference: +0.25 is a quarter more. */
export interface RelativeLift {
  readonly lift: number;
  /** At 1 − alpha; null: the reference is too near 0 for bounds, or nothing varies. */
  readonly ci: readonly [number, number] | null;
  readonly method: 'katz' | 'fieller';
}

/**
 * Of two shares, by the logarithm of their ratio, which keeps its coverage for rare events where the delta method does
 * not. D. Katz, J. Baptista, S. P. Azen and M. C. Pike, Biometrics 34 (1978). null where the reference has no event.
 */
export function katzLift(arm: Count, reference: Count, alpha: number): RelativeLift | null {
  if (arm.n === 0 || reference.events === 0) return null;
  const ratio = rateOf(arm) / rateOf(reference);
  if (arm.events === 0) return { lift: -1, ci: null, method: 'katz' };
  const missing = ({ n, events }: Count): number => (n - events) / (n * events);
  const half = normalQuantile(alpha / 2) * Math.sqrt(missing(arm) + missing(reference));
  return {
    lift: ratio - 1,
    ci: [ratio * Math.exp(-half) - 1, ratio * Math.exp(half) - 1],
    method: 'katz',
  };
}

/**
 * Of two means, by E. C. Fieller (Journal of the Royal Statistical Society B 16, 1954). null where the reference's mean is
 * 0 or next to it; without bounds where it cannot be told from 0, or nothing varies.
 */
export function fiellerLift(arm: Moments, reference: Moments, alpha: number): RelativeLift | null {
  if (arm.n === 0 || reference.n === 0 || reference.mean === 0) return null;
  const lift = arm.mean / reference.mean - 1;
  if (!Number.isFinite(lift)) return null;
  const square = normalQuantile(alpha / 2) ** 2;
  const [own, other] = [arm.variance / arm.n, reference.variance / reference.n];
  const away = reference.mean ** 2 - square * other;
  // Amounts that do not differ tell nothing of how far the next may be.
  const known = Math.min(arm.n, reference.n) >= 2 && own + other > 0;
  if (!known || !(away > 0)) return { lift, ci: null, method: 'fieller' };
  const product = arm.mean * reference.mean;
  // (ab)² − (a² − z²v)(b² − z²w), multiplied out: what cancels is left away.
  const root = Math.sqrt(square * (own * reference.mean ** 2 + other * arm.mean ** 2 - square * own * other));
  const ci = [(product - root) / away - 1, (product + root) / away - 1] as const;
  return { lift, ci: ci.every(Number.isFinite) ? ci : null, method: 'fieller' };
}
