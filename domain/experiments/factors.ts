import { own } from '../shared/own';
import { heterogeneityP, type Stratum } from './heterogeneity';
import { holm } from './holm';
import { asP } from './p-value';
import { normalQuantile } from './special/normal-quantile';
import { normalTail } from './special/normal-tail';
import { rateOf, type Count } from './two-proportions';

/** An arm made of choices: `{ message: 'short', visual: 'night' }`. */
export interface FactorArm extends Count {
  readonly key: string;
  readonly factors: Readonly<Record<string, string>>;
}

export interface FactorEffect {
  readonly factor: string;
  readonly level: string;
  readonly against: string;
  /** Everybody with the level, and how many of them had the event. */
  readonly n: number;
  readonly rate: number;
  /** Between people whose other choices are the same, over all of these: it may be another one than that of the rates. */
  readonly difference: number;
  readonly ci: readonly [number, number];
  readonly p: number;
  readonly pAdjusted: number;
  /** Whether the effect hangs on the other choices (Cochran's Q, adjusted by Holm); null: there is one combination of them. */
  readonly differs: number | null;
}

export interface FactorEffects {
  readonly effects: readonly FactorEffect[];
  /** Every combination was sent. */
  readonly crossed: boolean;
}

interface Pair {
  readonly factor: string;
  readonly level: string;
  readonly against: string;
  readonly all: Count;
  readonly strata: readonly Stratum[];
}

/**
 * What each choice does: its people against those with the factor's first level, held together only where every other choice is
 * the same, so that neither uneven weights nor a combination that was left out is taken for an effect. The difference is that
 * of Mantel and Haenszel with the variance of Greenland and Robins (Biometrics 41, 1985), p that of the test of Mantel and
 * Haenszel (J. Natl. Cancer Inst. 22, 1959) without continuity correction, adjusted by Holm over every factor together. A level
 * that shares no combination with the first one is not compared.
 */
export function factorEffects(arms: readonly FactorArm[], alpha: number): FactorEffects {
  const names = [...new Set(arms.flatMap(({ factors }) => Object.keys(factors)))];
  const levels = (name: string): string[] => [
    ...new Set(arms.flatMap(({ factors }) => own(factors, name) ?? [])),
  ];
  const pairs = names.flatMap((factor): Pair[] => {
    const [against, ...rest] = levels(factor);
    return rest.flatMap((level) => {
      const with_ = arms.filter((arm) => own(arm.factors, factor) === level);
      const strata = against === undefined ? [] : strataOf(arms, names, { factor, level, against });
      return against === undefined || strata.length === 0
        ? []
        : [{ factor, level, against, all: pooled(with_), strata }];
    });
  });
  const adjusted = holm(pairs.map(({ strata }) => mantelHaenszelP(strata)));
  const differing = pairs.map(({ strata }) => heterogeneityP(strata));
  const asked = holm(differing.filter((p) => p !== null)).values();
  const combinations = new Set(arms.map(({ factors }) => combinationOf(factors, names)));
  return {
    effects: pairs.map(({ factor, level, against, all, strata }, i) => ({
      factor,
      level,
      against,
      n: all.n,
      rate: rateOf(all),
      ...commonDifference(strata, alpha),
      p: mantelHaenszelP(strata),
      pAdjusted: adjusted[i] ?? 1,
      differs: differing[i] === null ? null : (asked.next().value ?? 1),
    })),
    crossed: combinations.size === names.reduce((product, name) => product * levels(name).length, 1),
  };
}

const combinationOf = (factors: FactorArm['factors'], names: readonly string[]): string =>
  JSON.stringify(names.map((name) => own(factors, name) ?? null));

const pooled = (arms: readonly Count[]): Count =>
  arms.reduce((sum, { n, events }) => ({ n: sum.n + n, events: sum.events + events }), { n: 0, events: 0 });

/** A stratum for each combination of the other factors that has people on both sides. */
function strataOf(
  arms: readonly FactorArm[],
  names: readonly string[],
  { factor, level, against }: Pick<Pair, 'factor' | 'level' | 'against'>,
): Stratum[] {
  const others = names.filter((name) => name !== factor);
  const combinations = new Set(arms.map(({ factors }) => combinationOf(factors, others)));
  return [...combinations]
    .map((combination) => {
      const here = arms.filter(({ factors }) => combinationOf(factors, others) === combination);
      const side = (one: string) => pooled(here.filter(({ factors }) => own(factors, factor) === one));
      return { arm: side(level), reference: side(against) };
    })
    .filter(({ arm, reference }) => arm.n > 0 && reference.n > 0);
}

function commonDifference(
  strata: readonly Stratum[],
  alpha: number,
): { readonly difference: number; readonly ci: readonly [number, number] } {
  const weighed = strata.map(({ arm, reference }) => {
    const weight = (arm.n * reference.n) / (arm.n + reference.n);
    return {
      weight,
      difference: rateOf(arm) - rateOf(reference),
      variance: weight ** 2 * (varianceOf(arm) + varianceOf(reference)),
    };
  });
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  const difference = weighed.reduce((sum, one) => sum + one.weight * one.difference, 0) / total;
  const error = Math.sqrt(weighed.reduce((sum, { variance }) => sum + variance, 0)) / total;
  const reach = normalQuantile(alpha / 2) * error;
  return { difference, ci: [Math.max(-1, difference - reach), Math.min(1, difference + reach)] };
}

const varianceOf = (count: Count): number => (rateOf(count) * (1 - rateOf(count))) / count.n;

/** Two-sided, never 0; 1 where nothing varies. */
export function mantelHaenszelP(strata: readonly Stratum[]): number {
  let apart = 0;
  let spread = 0;
  for (const { arm, reference } of strata) {
    const n = arm.n + reference.n;
    const events = arm.events + reference.events;
    if (n < 2) continue;
    apart += (arm.events * reference.n - reference.events * arm.n) / n;
    spread += (((arm.n * reference.n) / n) * ((events * (n - events)) / n)) / (n - 1);
  }
  return spread > 0 ? asP(2 * normalTail(Math.abs(apart) / Math.sqrt(spread))) : 1;
}
