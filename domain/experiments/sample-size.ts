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
export const sampleSizePerArm = (p1: number, p2: number, test: Power): number => sizeFor(test)(p1, p2);

/** With the quantiles taken once, for those who ask for many pairs of shares. */
function sizeFor({ alpha, power }: Power): (p1: number, p2: number) => number {
  const zAlpha = normalQuantile(alpha / 2);
  const zPower = normalQuantile(1 - power);
  return (p1, p2) => {
    const mean = (p1 + p2) / 2;
    const atNull = zAlpha * Math.sqrt(2 * mean * (1 - mean));
    const atAlternative = zPower * Math.sqrt(p1 * (1 - p1) + p2 * (1 - p2));
    return ((atNull + atAlternative) / (p2 - p1)) ** 2;
  };
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
  const size = sizeFor(test);
  const sign = direction === 'increase' ? 1 : -1;
  let missed = 0;
  let found = direction === 'increase' ? 1 - rate : rate;
  if (!(found > 0) || size(rate, rate + sign * found) > n) return null;
  for (let i = 0; i < 60; i += 1) {
    const middle = (missed + found) / 2;
    if (size(rate, rate + sign * middle) > n) missed = middle;
    else found = middle;
  }
  return found;
}
