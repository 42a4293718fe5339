/** Beyond this a bound says that there is none on its side. */
export const NO_BOUND = 1e300;

/** What is without bounds is given as far as a number goes: JSON has no infinity. */
export const finite = (bound: number, centre: number): number =>
  Number.isFinite(bound) ? bound : Math.sign(bound - centre) * Number.MAX_VALUE;

/** A bound of what is `times` as much; none stays none, though `times` be 0. */
export const scaledBound = (bound: number, times: number): number =>
  Math.abs(bound) < NO_BOUND ? bound * times : bound;
