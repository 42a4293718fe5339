import { economicsOf, type Economics } from './economics';
import type { ArmTerms } from './evaluation';
import { momentsOfSums, welchInterval, welchTest, type Sums } from './means';

/** What people spent: the values of an event, from when the gate judged them. */
export interface RevenueTerms {
  readonly event: string;
  readonly windowSeconds: number;
  readonly currency: string;
}

export interface RevenueCell extends Sums {
  readonly arm: string;
  /** Millionths of a euro that the arm's messages cost. */
  readonly costMicros: number;
}

export type RevenueCounts = RevenueTerms & { readonly cells: readonly RevenueCell[] };

export type RevenueEffects = RevenueTerms & {
  readonly effects: readonly (Economics & {
    /** People of the arm. */
    readonly n: number;
    /** Cents a person. */
    readonly mean: number;
    readonly referenceMean: number;
    /** Of the difference, by Welch's t test. */
    readonly p: number;
  })[];
};

const MICROS_PER_CENT = 10_000;

/**
 * What each arm brought and cost beyond the reference: the difference of what a person spent (Welch), times the arm's
 * people. An arm in which nothing can be told (fewer than two people, or nobody who differs) is left out. It decides nothing.
 * Costs are euros: beside another currency they are told as nothing.
 */
export function revenueEffects(
  { cells, ...terms }: RevenueCounts,
  arms: readonly Pick<ArmTerms, 'key'>[],
  reference: string,
  alpha: number,
): RevenueEffects {
  const of = (key: string): RevenueCell =>
    cells.find(({ arm }) => arm === key) ?? { arm: key, n: 0, sum: 0, sumOfSquares: 0, costMicros: 0 };
  const against = momentsOfSums(of(reference));
  const centsPerPerson = Object.fromEntries(
    arms.map(({ key }) => {
      const { n, costMicros } = of(key);
      return [key, n === 0 || terms.currency !== 'EUR' ? 0 : costMicros / MICROS_PER_CENT / n];
    }),
  );
  const effects = arms
    .filter(({ key }) => key !== reference)
    .flatMap(({ key }) => {
      const own = momentsOfSums(of(key));
      const ci = welchInterval(own, against, alpha);
      if (ci === null) return [];
      const comparison = { arm: key, against: reference, difference: own.mean - against.mean, ci };
      const found = { arms: [{ arm: key, n: own.n }], comparisons: [comparison] };
      return economicsOf(found, { centsPerUnit: 1, centsPerPerson }).map((economics) => ({
        ...economics,
        n: own.n,
        mean: own.mean,
        referenceMean: against.mean,
        p: welchTest(own, against).p,
      }));
    });
  return { ...terms, effects };
}
