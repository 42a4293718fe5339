import { normalTail } from './normal-tail';

/** Coefficients of PPND16, lowest power first. M. J. Wichura, "Algorithm AS 241", Applied Statistics 37 (1988). */
const CENTRE = {
  top: [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  bottom: [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
    39307.89580009271061, 28729.085735721942674, 5226.495278852854561,
  ],
} as const;
const NEAR_TAIL = {
  top: [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  bottom: [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
} as const;
const FAR_TAIL = {
  top: [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  bottom: [
    1, 0.59983220655588793769, 0.1369298809227358053, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
  ],
} as const;

interface Ratio {
  readonly top: readonly number[];
  readonly bottom: readonly number[];
}

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

const ratio = ({ top, bottom }: Ratio, x: number): number => polynomial(top, x) / polynomial(bottom, x);

/**
 * z with P(Z > z) = `tail`, for 0 < tail < 1 (±Infinity at the ends). Taking the tail keeps small ones exact, where
 * 1 − tail would already have rounded them away. AS 241 and one step of Newton on the logarithm of the tail.
 */
export function normalQuantile(tail: number): number {
  if (Number.isNaN(tail) || tail < 0 || tail > 1) return NaN;
  if (tail === 0) return Infinity;
  if (tail === 1) return -Infinity;
  const q = 0.5 - tail;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q);
  if (tail > 0.5) return -normalQuantile(1 - tail);
  const r = Math.sqrt(-Math.log(tail));
  const z = r <= 5 ? ratio(NEAR_TAIL, r - 1.6) : ratio(FAR_TAIL, r - 5);
  const reached = normalTail(z);
  if (reached === 0) return z;
  // d ln P(Z > z) / dz = −φ(z) / P(Z > z)
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  return density === 0 ? z : z + (Math.log(reached / tail) * reached) / density;
}
