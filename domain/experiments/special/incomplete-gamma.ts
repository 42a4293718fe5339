import { continuedFraction } from './continued-fraction';
import { deviance } from './deviance';
import { stirlingError } from './stirling-error';

/** The two halves of the regularised incomplete gamma function; each tail is computed, never 1 − the other's tail. */
export interface Tails {
  readonly lower: number;
  readonly upper: number;
}

/**
 * P(a, x) and Q(a, x) for a > 0 and x ≥ 0 (NIST DLMF 8.2.4): the series 8.7.1 below a + 1, Legendre's continued
 * fraction 8.9.2 above, and Loader's form of the factor before them, which keeps its digits for large a.
 */
export function incompleteGamma(a: number, x: number): Tails {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x === Infinity) return { lower: 1, upper: 0 };
  const factor = Math.sqrt(a / (2 * Math.PI)) * Math.exp(-deviance(a, x) - stirlingError(a));
  if (x < a + 1) {
    const lower = (factor * series(a, x)) / a;
    return { lower, upper: 1 - lower };
  }
  const upper =
    factor *
    continuedFraction(
      (n) => (n === 1 ? 1 : -(n - 1) * (n - 1 - a)),
      (n) => x + 2 * n - 1 - a,
    );
  return { lower: 1 - upper, upper };
}

function series(a: number, x: number): number {
  let sum = 1;
  let term = 1;
  for (let n = 1; n < 1_000_000; n += 1) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * 2 ** -54) break;
  }
  return sum;
}
