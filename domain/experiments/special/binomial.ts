import { deviance } from './deviance';
import { stirlingError } from './stirling-error';

/**
 * ln of the probability of `x` events among `n`, each with probability `p`; `q` is 1 − p where that is known better.
 * C. Loader's saddle-point form, which keeps its digits for any n.
 */
export function lnBinomial(x: number, n: number, p: number, q: number = 1 - p): number {
  if (x === 0) return n === 0 ? 0 : n * Math.log1p(-p);
  if (x === n) return n * Math.log(p);
  return (
    stirlingError(n) -
    stirlingError(x) -
    stirlingError(n - x) -
    deviance(x, n * p) -
    deviance(n - x, n * q) +
    0.5 * Math.log(n / (2 * Math.PI * x * (n - x)))
  );
}
