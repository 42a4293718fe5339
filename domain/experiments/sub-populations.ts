import { heterogeneityP } from './heterogeneity';
import { holm } from './holm';
import { newcombeInterval, rateOf, twoProportionTest, type Count } from './two-proportions';

/** One way to divide the people of a test: by area, by value tier, by the arm they had in another test. */
export interface Dimension {
  readonly name: string;
  /** Said before anything was sent: its comparisons count. Others are exploratory. */
  readonly declared: boolean;
  readonly groups: readonly {
    readonly key: string;
    readonly arms: readonly ({ readonly key: string } & Count)[];
  }[];
}

export interface GroupEffect {
  readonly group: string;
  readonly arm: string;
  readonly n: number;
  readonly referenceN: number;
  readonly difference: number;
  readonly ci: readonly [number, number];
  readonly p: number;
  /** Adjusted over all groups and arms of a declared dimension; null: exploratory, nothing is decided by it. */
  readonly pAdjusted: number | null;
}

export interface DimensionEffects {
  readonly name: string;
  readonly declared: boolean;
  readonly effects: readonly GroupEffect[];
  /** Of each arm: whether its effect differs between the groups; null with fewer than two of them. */
  readonly heterogeneity: readonly { readonly arm: string; readonly p: number | null }[];
}

/** Effects of shares, group by group, against the reference. */
export function dimensionEffects(
  { name, declared, groups }: Dimension,
  reference: string,
  alpha: number,
): DimensionEffects {
  const pairs = groups.flatMap((group) => {
    const against = group.arms.find(({ key }) => key === reference);
    return against === undefined
      ? []
      : group.arms
          .filter(({ key, n }) => key !== reference && n > 0 && against.n > 0)
          .map((arm) => ({ group: group.key, arm, against }));
  });
  const ps = pairs.map(({ arm, against }) => twoProportionTest(arm, against).p);
  const adjusted = declared ? holm(ps) : null;
  return {
    name,
    declared,
    effects: pairs.map(({ group, arm, against }, i) => ({
      group,
      arm: arm.key,
      n: arm.n,
      referenceN: against.n,
      difference: rateOf(arm) - rateOf(against),
      ci: newcombeInterval(arm, against, alpha),
      p: ps[i] ?? 1,
      pAdjusted: adjusted?.[i] ?? null,
    })),
    heterogeneity: [...new Set(pairs.map(({ arm }) => arm.key))].map((key) => ({
      arm: key,
      p: heterogeneityP(
        pairs.filter(({ arm }) => arm.key === key).map(({ arm, against }) => ({ arm, reference: against })),
      ),
    })),
  };
}
