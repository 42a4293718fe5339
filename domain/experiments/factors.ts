import { holm } from './holm';
import { newcombeInterval, rateOf, twoProportionTest, type Count } from './two-proportions';

/** An arm made of choices: `{ message: 'short', visual: 'night' }`. */
export interface FactorArm extends Count {
  readonly key: string;
  readonly factors: Readonly<Record<string, string>>;
}

export interface FactorEffect {
  readonly factor: string;
  readonly level: string;
  readonly against: string;
  readonly n: number;
  readonly rate: number;
  readonly difference: number;
  readonly ci: readonly [number, number];
  readonly p: number;
  readonly pAdjusted: number;
}

export interface FactorEffects {
  readonly effects: readonly FactorEffect[];
  /** Every combination was sent: the levels of a factor differ in nothing else. */
  readonly crossed: boolean;
}

/**
 * What each choice does, whatever the others are: people of all arms with a level against all with the factor's first one,
 * adjusted over every factor together. Where combinations are missing, levels differ in other things too (`crossed` false).
 */
export function factorEffects(arms: readonly FactorArm[], alpha: number): FactorEffects {
  const names = [...new Set(arms.flatMap(({ factors }) => Object.keys(factors)))];
  const levels = (name: string): string[] => [...new Set(arms.flatMap(({ factors }) => factors[name] ?? []))];
  const pooled = (name: string, level: string): Count =>
    arms
      .filter(({ factors }) => factors[name] === level)
      .reduce((sum, { n, events }) => ({ n: sum.n + n, events: sum.events + events }), { n: 0, events: 0 });
  const pairs = names.flatMap((factor) => {
    const [against, ...rest] = levels(factor);
    return against === undefined
      ? []
      : rest.map((level) => ({
          factor,
          level,
          against,
          arm: pooled(factor, level),
          reference: pooled(factor, against),
        }));
  });
  const ps = pairs.map(({ arm, reference }) => twoProportionTest(arm, reference).p);
  const adjusted = holm(ps);
  const combinations = new Set(arms.map(({ factors }) => JSON.stringify(names.map((name) => factors[name]))));
  return {
    effects: pairs.map(({ factor, level, against, arm, reference }, i) => ({
      factor,
      level,
      against,
      n: arm.n,
      rate: rateOf(arm),
      difference: rateOf(arm) - rateOf(reference),
      ci: newcombeInterval(arm, reference, alpha),
      p: ps[i] ?? 1,
      pAdjusted: adjusted[i] ?? 1,
    })),
    crossed: combinations.size === names.reduce((product, name) => product * levels(name).length, 1),
  };
}
