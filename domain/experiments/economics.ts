import { own } from '../shared/own';
import { scaledBound } from './bounds';

/** What an outcome is worth and what a person of each arm costs. */
export interface Worth {
  /** Cents an event is worth; of a metric that is an amount of money in cents, 1. */
  readonly centsPerUnit: number;
  readonly centsPerPerson: Readonly<Record<string, number>>;
}

export interface Economics {
  readonly arm: string;
  readonly against: string;
  /** Cents its people brought beyond what the reference's would have, with the interval of the difference. */
  readonly revenue: number;
  readonly revenueCi: readonly [number, number];
  /** Cents its people cost beyond what the reference's would have. */
  readonly cost: number;
  /** (revenue − cost) / cost with its interval; null: it costs nothing more. */
  readonly roi: number | null;
  readonly roiCi: readonly [number, number] | null;
}

/** What was found of each arm, per person. */
interface Found {
  readonly arms: readonly { readonly arm: string; readonly n: number }[];
  readonly comparisons: readonly {
    readonly arm: string;
    readonly against: string;
    readonly difference: number;
    readonly ci: readonly [number, number];
  }[];
}

/** Incremental revenue, cost and return of each comparison, for the people of its arm. */
export function economicsOf(
  { arms, comparisons }: Found,
  { centsPerUnit, centsPerPerson }: Worth,
): Economics[] {
  const people = (key: string): number => arms.find(({ arm }) => arm === key)?.n ?? 0;
  const price = (key: string): number => own(centsPerPerson, key) ?? 0;
  return comparisons.map(({ arm, against, difference, ci }) => {
    const n = people(arm);
    const worth = (rate: number): number => scaledBound(rate, n * centsPerUnit);
    const cost = n * (price(arm) - price(against));
    const returned = (rate: number): number => scaledBound(worth(rate) - cost, 1 / cost);
    return {
      arm,
      against,
      revenue: worth(difference),
      revenueCi: [worth(ci[0]), worth(ci[1])],
      cost,
      roi: cost > 0 ? returned(difference) : null,
      roiCi: cost > 0 ? [returned(ci[0]), returned(ci[1])] : null,
    };
  });
}
