import type { Cuped } from './cuped';
import { isShare, type ArmOutcome, type ShareArm } from './evaluation';
import type { Moments } from './means';

/** Of a number that was known of each person of an arm before: its sum, the sum of its squares, its sum over those with the event. */
export interface CovariateSums {
  readonly sum: number;
  readonly sumOfSquares: number;
  readonly product: number;
}

type Known = ShareArm & { readonly before: CovariateSums };

/**
 * CUPED of shares, from sums: the outcome is 1 or 0, so that Σy = Σy² = events and Σxy is the covariate's sum over those with the
 * event. The same estimate as from the values themselves. null where an arm's are not known.
 */
export function cupedOfShares(arms: readonly ArmOutcome[]): Cuped | null {
  const known = arms.flatMap((arm): Known[] =>
    isShare(arm) && arm.before !== undefined ? [{ ...arm, before: arm.before }] : [],
  );
  if (known.length === 0 || known.length < arms.length) return null;
  const within = known.map(withinArm);
  const [squares, products, total] = (['xx', 'xy', 'yy'] as const).map((of) =>
    within.reduce((sum, one) => sum + one[of], 0),
  );
  if (squares === undefined || products === undefined || total === undefined) return null;
  const theta = squares > 0 ? products / squares : 0;
  const people = known.reduce((sum, { n }) => sum + n, 0);
  const mean = known.reduce((sum, { before }) => sum + before.sum, 0) / Math.max(1, people);
  return {
    theta,
    reduction: squares > 0 && total > 0 ? (products * products) / (squares * total) : 0,
    arms: known.map(({ n, events, before }, i): Moments => {
      const { xx, xy, yy } = within[i] ?? { xx: 0, xy: 0, yy: 0 };
      if (n === 0) return { n, mean: 0, variance: 0 };
      const left = Math.max(0, yy - 2 * theta * xy + theta * theta * xx);
      return {
        n,
        mean: events / n - theta * (before.sum / n - mean),
        variance: n < 2 ? 0 : left / (n - 1),
      };
    }),
  };
}

/** Squares and products about the arm's own means. */
function withinArm({ n, events, before }: Known): { xx: number; xy: number; yy: number } {
  if (n === 0) return { xx: 0, xy: 0, yy: 0 };
  return {
    xx: Math.max(0, before.sumOfSquares - (before.sum * before.sum) / n),
    xy: before.product - (before.sum * events) / n,
    yy: (events * (n - events)) / n,
  };
}
