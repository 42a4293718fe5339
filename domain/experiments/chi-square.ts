import { asP } from './p-value';
import { incompleteGamma } from './special/incomplete-gamma';

/** P(X > chi2) of the chi-square distribution with `df` > 0 degrees of freedom, never 0: Q(df / 2, chi2 / 2). */
export const chiSquareTail = (chi2: number, df: number): number =>
  asP(incompleteGamma(df / 2, chi2 / 2).upper);
