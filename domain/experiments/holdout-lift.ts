import { DateTime } from 'luxon';
import { drawnHoldouts, type HoldoutPolicy } from '../delivery/holdout';
import { zoneOf } from '../frequency/zone';
import { momentsOfSums, type Moments, type Sums } from './means';
import { fiellerLift } from './relative-lift';
import { sampleRatio, type SampleRatio } from './sample-ratio';
import { normalQuantile } from './special/normal-quantile';

/** The same people are held out from `from` until it ends: one draw, and the whole months of it that are over. */
export interface DrawSpan {
  readonly salt: string;
  readonly share: number;
  readonly market: string | null;
  readonly from: Date;
  /** In order; the first begins with the span, each at the end of the one before it. */
  readonly months: readonly { readonly name: string; readonly until: Date }[];
}

/** People of one side of a draw from its beginning to the end of a month: who had the event, and what it came to of each. */
export interface SideCount extends Sums {
  /** People with the event. */
  readonly reached: number;
}

export interface MonthCount {
  readonly month: string;
  /** The salt: figures of one draw go on from month to month, another draw begins anew. */
  readonly draw: string;
  readonly held: SideCount;
  readonly others: SideCount;
}

export type LiftVerdict = 'lift' | 'loss' | 'not-shown' | 'too-few' | 'not-valid';

/** The whole programme from its beginning to the end of one month. */
export interface HoldoutLift {
  readonly month: string;
  /** Which month it is, from 1: how often the programme has been looked at. */
  readonly looks: number;
  readonly held: { readonly n: number; readonly mean: number };
  readonly others: { readonly n: number; readonly mean: number };
  /** Of one person and draw: mean of who may be written to less that of who is held out. */
  readonly difference: number;
  /** At 1 − alpha, for a reader who looks this once. */
  readonly ci: readonly [number, number];
  /** Holds at every month together. */
  readonly ciEveryMonth: readonly [number, number];
  /** As a share of what the held out come to; null: too little to be more than. */
  readonly relative: { readonly lift: number; readonly ci: readonly [number, number] | null } | null;
  /** What it comes to over everybody who may be written to, with the interval that holds at every month. */
  readonly incremental: number;
  readonly incrementalCi: readonly [number, number];
  readonly sampleRatio: SampleRatio;
  readonly verdict: LiftVerdict;
}

/** With fewer people who had the event on a side, a mean is not normal enough. */
const LEAST_REACHED = 10;

/** Draws of a holdout that have a whole month behind them, the first one first. */
export function drawSpans(key: string, policy: HoldoutPolicy, now: Date): DrawSpan[] {
  const zone = zoneOf({ timezone: null, area: null, market: policy.market ?? 'FR' });
  const today = DateTime.fromJSDate(now, { zone });
  const spans: { -readonly [K in keyof DrawSpan]: DrawSpan[K] }[] = [];
  for (let from: DateTime = DateTime.fromISO(policy.start, { zone }); from < today; from = endOfMonth(from)) {
    const until = endOfMonth(from);
    if (until > today) break;
    const [drawn] = drawnHoldouts({ [key]: policy }, from.toJSDate());
    if (drawn === undefined) continue;
    const month = { name: from.toFormat('yyyy-MM'), until: until.toJSDate() };
    const last = spans.at(-1);
    if (last?.salt === drawn.salt) last.months = [...last.months, month];
    else spans.push({ ...drawn, from: from.toJSDate(), months: [month] });
  }
  return spans.map(({ salt, share, market, from, months }) => ({ salt, share, market, from, months }));
}

const endOfMonth = (at: DateTime): DateTime => at.startOf('month').plus({ months: 1 });

/**
 * The lift of the whole programme, month by month: who may be written to against who is held out, as they were drawn, whether or
 * not anything was sent to them. While a draw lasts each person's figure grows; where others are drawn a new stratum begins, and
 * differences are added up by the people who may be written to. The means are taken for normal.
 *
 * `ciEveryMonth` spends alpha / (k (k + 1)) on the k-th month, which adds up to alpha over all months there will ever be: by the
 * union bound it holds at every one of them together, however the months hang on each other. The same people over a growing window
 * are no sequence of independent draws, which a confidence sequence would need.
 */
export function holdoutLift(
  months: readonly MonthCount[],
  { alpha, share }: { readonly alpha: number; readonly share: number },
): HoldoutLift[] {
  return months.map(({ month }, i) => {
    const looks = i + 1;
    // Of each draw what it had come to by then.
    const strata = [...new Map(months.slice(0, looks).map((one) => [one.draw, one])).values()];
    const people = strata.reduce((sum, { others }) => sum + others.n, 0);
    const [held, others] = (['held', 'others'] as const).map((side) => weighed(strata, side, people));
    if (held === undefined || others === undefined) throw new Error('two sides are weighed');
    const difference = others.mean - held.mean;
    const error = Math.sqrt(held.variance + others.variance);
    const within = (level: number): readonly [number, number] => {
      const reach = normalQuantile(level / 2) * error;
      return [difference - reach, difference + reach];
    };
    const every = alpha / (looks * (looks + 1));
    const ciEveryMonth = within(every);
    const ratio = sampleRatio({
      observed: [total(strata, 'held'), people],
      weights: [share, 1 - share],
    });
    const reached = Math.min(...strata.flatMap((one) => [one.held.reached, one.others.reached]));
    const relative = fiellerLift(others, held, every);
    return {
      month,
      looks,
      held: { n: total(strata, 'held'), mean: held.mean },
      others: { n: people, mean: others.mean },
      difference,
      ci: within(alpha),
      ciEveryMonth,
      relative: relative === null ? null : { lift: relative.lift, ci: relative.ci },
      incremental: difference * people,
      incrementalCi: [ciEveryMonth[0] * people, ciEveryMonth[1] * people],
      sampleRatio: ratio,
      verdict: verdictOf(ratio, reached, ciEveryMonth),
    };
  });
}

const total = (strata: readonly MonthCount[], side: 'held' | 'others'): number =>
  strata.reduce((sum, one) => sum + one[side].n, 0);

/** The mean of one side over all draws, weighed by who may be written to, and its squared error as the variance of one. */
function weighed(strata: readonly MonthCount[], side: 'held' | 'others', people: number): Moments {
  let mean = 0;
  let variance = 0;
  for (const one of strata) {
    const own = momentsOfSums(one[side]);
    const weight = people === 0 ? 0 : one.others.n / people;
    mean += weight * own.mean;
    if (own.n > 0) variance += (weight ** 2 * own.variance) / own.n;
  }
  return { n: 1, mean, variance };
}

function verdictOf(
  { verdict }: SampleRatio,
  reached: number,
  [low, high]: readonly [number, number],
): LiftVerdict {
  if (verdict === 'fail') return 'not-valid';
  if (verdict === 'skipped' || reached < LEAST_REACHED) return 'too-few';
  if (low > 0) return 'lift';
  return high < 0 ? 'loss' : 'not-shown';
}

export const LIFT_WORDS: Readonly<Record<LiftVerdict, string>> = {
  lift: 'The programme brings more than sending nothing would.',
  loss: 'The programme brings less than sending nothing would.',
  'not-shown': 'No difference from sending nothing is shown yet.',
  'too-few': 'Too few people to tell.',
  'not-valid': 'Not valid: the held out are not the share of people that were to be drawn.',
};
