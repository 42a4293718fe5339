import { normalQuantile } from './special/normal-quantile';

interface Power {
  /** Two-sided; already divided by the number of comparisons where there are several. */
  readonly alpha: number;
  readonly power: number;
}

/**
 * People in the reference (not rounded) for a two-sided test of two shares to find p2 ≠ p1 with the given power, where the
 * arm has `ratio` times as many; left out, as many.
 * n = [z₁₋α/₂ √(p̄ q̄ (1 + 1/r)) + z_power √(p₁q₁ + p₂q₂/r)]² / (p₂ − p₁)², p̄ = (p₁ + r p₂)/(1 + r) (Fleiss, Levin and Paik,
 * 3rd ed., 4.14 and 4.19). Infinity where the two shares are the same.
 */
export const sampleSizePerArm = (p1: number, p2: number, test: Power, ratio = 1): number =>
  sizeFor(test, ratio)(p1, p2);

/**
 * People in the reference (not rounded) for a two-sided test of two means with one standard deviation to find a difference:
 * n = (1 + 1/r) (z₁₋α/₂ + z_power)² sd² / d². Infinity where there is none.
 */
export const sampleSizeOfMeans = (
  { sd, difference }: { readonly sd: number; readonly difference: number },
  { alpha, power }: Power,
  ratio = 1,
): number =>
  (1 + 1 / ratio) * (((normalQuantile(alpha / 2) + normalQuantile(1 - power)) * sd) / difference) ** 2;

/** The smallest difference of means that so many people in the reference find: the formula above, the other way round. */
export const detectableMean = (sd: number, n: number, { alpha, power }: Power, ratio = 1): number =>
  (normalQuantile(alpha / 2) + normalQuantile(1 - power)) * sd * Math.sqrt((1 + 1 / ratio) / n);

/** With the quantiles taken once, for those who ask for many pairs of shares. */
function sizeFor({ alpha, power }: Power, ratio = 1): (p1: number, p2: number) => number {
  const zAlpha = normalQuantile(alpha / 2);
  const zPower = normalQuantile(1 - power);
  return (p1, p2) => {
    const mean = (p1 + ratio * p2) / (1 + ratio);
    const atNull = zAlpha * Math.sqrt(mean * (1 - mean) * (1 + 1 / ratio));
    const atAlternative = zPower * Math.sqrt(p1 * (1 - p1) + (p2 * (1 - p2)) / ratio);
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
