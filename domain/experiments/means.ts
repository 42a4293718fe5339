import { asP } from './p-value';
import { normalTail } from './special/normal-tail';
import { studentQuantile, studentTwoSided } from './special/student';

/** What a test of means needs of an arm: people, mean and sample variance (divided by n − 1; 0 with fewer than two). */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

/** From sums: `sum` of the values and `sumOfSquares` of their squares. Rounding that would make a variance negative is 0. */
export function momentsOfSums({ n, sum, sumOfSquares }: Sums): Moments {
  if (n === 0) return { n, mean: 0, variance: 0 };
  const mean = sum / n;
  const variance = n < 2 ? 0 : Math.max(0, (sumOfSquares - sum * mean) / (n - 1));
  return { n, mean, variance };
}
export interface Sums {
  readonly n: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

/** From the values themselves, in two passes: nothing cancels. */
export function momentsOf(values: readonly number[]): Moments {
  const n = values.length;
  if (n === 0) return { n, mean: 0, variance: 0 };
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { n, mean, variance: n < 2 ? 0 : squares / (n - 1) };
}

export interface Welch {
  readonly t: number;
  readonly df: number;
  /** Two-sided, never 0. */
  readonly p: number;
}

/** Squared standard error of arm − reference. */
export const squaredError = (arm: Moments, reference: Moments): number =>
  arm.variance / arm.n + reference.variance / reference.n;

/**
 * Welch's t test of arm − reference, for means whose variances may differ. t = 0, p = 1 where there is nothing to judge
 * by: fewer than two people in an arm, or nobody who differs from anybody. B. L. Welch, Biometrika 34 (1947).
 */
export function welchTest(arm: Moments, reference: Moments): Welch {
  const df = degreesOfFreedom(arm, reference);
  if (df === null) return { t: 0, df: Math.max(1, arm.n + reference.n - 2), p: 1 };
  const t = (arm.mean - reference.mean) / Math.sqrt(squaredError(arm, reference));
  return { t, df, p: studentTwoSided(t, df) };
}

/** Welch's interval of arm − reference at confidence 1 − alpha; without bounds where it cannot be told. */
export function welchInterval(
  arm: Moments,
  reference: Moments,
  alpha: number,
): readonly [number, number] | null {
  const df = degreesOfFreedom(arm, reference);
  if (df === null) return null;
  const half = studentQuantile(alpha / 2, df) * Math.sqrt(squaredError(arm, reference));
  const difference = arm.mean - reference.mean;
  return [difference - half, difference + half];
}

function degreesOfFreedom(arm: Moments, reference: Moments): number | null {
  if (arm.n < 2 || reference.n < 2) return null;
  const [own, other] = [arm.variance / arm.n, reference.variance / reference.n];
  const total = own + other;
  if (!(total > 0)) return null;
  // As shares of the whole: squares of very small or very large variances would leave a double.
  return 1 / ((own / total) ** 2 / (arm.n - 1) + (other / total) ** 2 / (reference.n - 1));
}

/** Two-sided p of a z, never 0. */
export const twoSided = (z: number): number => asP(2 * normalTail(Math.abs(z)));
