/** Each from 1 to 5: what it may bring, what it costs to do, whether a test of it can give an answer. */
export interface Factors {
  readonly revenuePotential: number;
  readonly difficulty: number;
  readonly statisticalFeasibility: number;
}

/** revenuePotential × statisticalFeasibility ÷ difficulty, two decimals: 0.2 to 25, the higher the sooner. */
export const priorityOf = ({ revenuePotential, difficulty, statisticalFeasibility }: Factors): number =>
  Math.round((revenuePotential * statisticalFeasibility * 100) / difficulty) / 100;

/** Feasibility by how many times the people at hand a test needs: 5 with plenty, 1 with a tenth of what it takes. */
export function feasibilityOf(needed: number, available: number): number {
  const ratio = available / needed;
  if (!(ratio > 0.1)) return 1;
  if (ratio < 0.5) return 2;
  if (ratio < 1) return 3;
  return ratio < 2 ? 4 : 5;
}

/** Revenue potential by relative lift: 5 from a half more, 1 below a twentieth. */
export function potentialOf(lift: number): number {
  const size = Math.abs(lift);
  if (size >= 0.5) return 5;
  if (size >= 0.2) return 4;
  if (size >= 0.1) return 3;
  return size >= 0.05 ? 2 : 1;
}
