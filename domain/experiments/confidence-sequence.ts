import { asP } from './p-value';

/** A difference, as far as it is known. */
export interface Estimate {
  /** Of arm and reference together. */
  readonly n: number;
  readonly difference: number;
  /** Standard error of the difference. */
  readonly se: number;
}

/** ρ² of the mixture: the boundary is lowest near `planned`, the n the test was planned with (arm and reference together). */
const mixture = (alpha: number, planned: number): number =>
  (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / planned;

/**
 * Half the width of an interval of a difference that holds at every look at once, at confidence 1 − alpha: the asymptotic
 * confidence sequence of I. Waudby-Smith et al. (arXiv 2103.06476, equation 9).
 */
export function sequenceHalfWidth({ n, se }: Estimate, alpha: number, planned: number): number {
  const grown = n * mixture(alpha, planned);
  return se * Math.sqrt(((grown + 1) / grown) * (Math.log1p(grown) - 2 * Math.log(alpha)));
}

/**
 * p that holds at every look: below alpha as soon as the confidence sequence leaves 0, and so with probability alpha at most
 * where there is no difference, whenever somebody stops. Never 0.
 */
export function alwaysValidP({ n, difference, se }: Estimate, alpha: number, planned: number): number {
  if (n === 0 || !(se > 0)) return 1;
  const grown = n * mixture(alpha, planned);
  const z = difference / se;
  return asP(Math.exp(0.5 * Math.log1p(grown) - (z * z * grown) / (2 * (grown + 1))));
}
