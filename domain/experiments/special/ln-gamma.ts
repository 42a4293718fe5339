import { stirlingError } from './stirling-error';

/** ln Γ(x) for x > 0: Stirling's formula with what it leaves out. */
export const lnGamma = (x: number): number =>
  (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + stirlingError(x);
