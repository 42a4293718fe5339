import { chiSquareTail } from './chi-square';
import { rateOf, type Count } from './two-proportions';

/** One persona (or other group): an arm against the reference. */
export interface Stratum {
  readonly arm: Count;
  readonly reference: Count;
}

/**
 * Do the differences between arm and reference differ between groups? Cochran's Q over the inverse variances of the
 * differences (W. G. Cochran, Biometrics 10, 1954), counts smoothed by half an event so that none has variance 0.
 * null with fewer than two groups that have people in both arms.
 */
export function heterogeneityP(strata: readonly Stratum[]): number | null {
  const weighted = strata
    .filter(({ arm, reference }) => arm.n > 0 && reference.n > 0)
    .map(({ arm, reference }) => ({
      difference: rateOf(arm) - rateOf(reference),
      weight: 1 / (variance(arm) + variance(reference)),
    }));
  if (weighted.length < 2) return null;
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  const mean = weighted.reduce((sum, { difference, weight }) => sum + difference * weight, 0) / total;
  const q = weighted.reduce((sum, { difference, weight }) => sum + weight * (difference - mean) ** 2, 0);
  return chiSquareTail(q, weighted.length - 1);
}

function variance({ n, events }: Count): number {
  const p = (events + 0.5) / (n + 1);
  return (p * (1 - p)) / n;
}
