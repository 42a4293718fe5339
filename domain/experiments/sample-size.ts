import { normalQuantile } from './special/normal-quantile';

interface Power {
  /** Two-sided; already divided by the number of comparisons where there are several. */
  readonly alpha: number;
  readonly power: number;
}

/**
 * People per arm (equal arms, not rounded) for a two-sided test of two shares to find p2 ≠ p1 with the given power.
 * n = [z₁₋α/₂ √(2 p̄ q̄) + z_power √(p₁q₁ + p₂q₂)]² / (p₂ − p₁)² (Fleiss, Levin and Paik, 3rd ed., 4.14).
 * Infinity where the two shares are the same.
 */
export function sampleSizePerArm(p1: number, p2: number, { alpha, power }: Power): number {
  const mean = (p1 + p2) / 2;
  const atNull = normalQuantile(alpha / 2) * Math.sqrt(2 * mean * (1 - mean));
  const atAlternative = normalQuantile(1 - power) * Math.sqrt(p1 * (1 - p1) + p2 * (1 - p2));
  return ((atNull + atAlternative) / (p2 - p1)) ** 2;
}

/**
 * Smallest difference (a share, above 0) that `n` people per arm find with the given power, starting from `rate` and
 * going up or down; null where not even a rate of 1 (or 0) would be found.
 */
export function minimumDetectableEffect(
  rate: number,
  n: number,
  direction: 'increase' | 'decrease',
  test: Power,
): number | null {
  const sign = direction === 'increase' ? 1 : -1;
  let missed = 0;
  let found = direction === 'increase' ? 1 - rate : rate;
  if (!(found > 0) || sampleSizePerArm(rate, rate + sign * found, test) > n) return null;
  for (let i = 0; i < 60; i += 1) {
    const middle = (missed + found) / 2;
    if (sampleSizePerArm(rate, rate + sign * middle, test) > n) missed = middle;
    else found = middle;
  }
  return found;
}
