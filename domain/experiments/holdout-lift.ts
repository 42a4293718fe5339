import { DateTime } from 'luxon';
import { drawnHoldouts, type DrawnHoldout, type HoldoutPolicy } from '../delivery/holdout';
import { zoneOf } from '../frequency/zone';
import { momentsOfSums, type Moments, type Sums } from './means';
import { fiellerLift } from './relative-lift';
import { sampleRatio, type SampleRatio } from './sample-ratio';
import { normalQuantile } from './special/normal-quantile';

/** A holdout's policy from a moment until the next one; null: it was taken away. */
export interface HoldoutTerms {
  readonly since: Date;
  readonly policy: HoldoutPolicy | null;
}

/** Who is held out from `from` on: whose hash under `salt` lies below `share`. */
export interface Draw {
  readonly salt: string;
  readonly share: number;
  /** Draws of one holdout follow each other: no two begin at once. */
  readonly from: Date;
}

/** The same people are held out from `from` until it ends: one draw, and what of it lies in months that are over. */
export interface DrawSpan extends Draw {
  readonly market: string | null;
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
  /** Figures of one draw go on from month to month, another draw begins anew. */
  readonly draw: Draw;
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
  /** Of the draw that is furthest from its share: what one has too many, another must not make good. */
  readonly sampleRatio: SampleRatio;
  readonly verdict: LiftVerdict;
}

/** With fewer people who had the event on a side, a mean is not normal enough. */
const LEAST_REACHED = 10;

/** Terms that stood for less were somebody correcting themselves. */
const LEAST_TERMS_MS = 86_400_000;

/**
 * Draws of a holdout that have something of a whole month behind them, the first one first, each by the terms of its time:
 * today's would count people as held out to whom everything was sent.
 */
export function drawSpans(key: string, history: readonly HoldoutTerms[], now: Date): DrawSpan[] {
  const spans: { -readonly [K in keyof DrawSpan]: DrawSpan[K] }[] = [];
  history.forEach(({ since, policy }, i) => {
    const next = history[i + 1]?.since;
    if (policy === null || (next !== undefined && next.getTime() - since.getTime() < LEAST_TERMS_MS)) return;
    const zone = zoneOf({ timezone: null, area: null, market: policy.market ?? 'FR' });
    const end = DateTime.fromJSDate(next ?? now, { zone });
    let from = DateTime.max(DateTime.fromISO(policy.start, { zone }), DateTime.fromJSDate(since, { zone }));
    while (from < end && endOfMonth(from).toJSDate() <= now) {
      const until = DateTime.min(endOfMonth(from), end);
      const [drawn] = drawnHoldouts({ [key]: policy }, from.toJSDate());
      if (drawn === undefined) throw new Error('a holdout is drawn from its start on');
      const month = { name: from.toFormat('yyyy-MM'), until: until.toJSDate() };
      const last = spans.at(-1);
      if (last !== undefined && goesOn(last, drawn, from.toJSDate()))
        last.months = [...last.months.filter(({ name }) => name !== month.name), month];
      else spans.push({ ...pick(drawn), from: from.toJSDate(), months: [month] });
      from = until;
    }
  });
  return spans;
}

const pick = ({ salt, share, market }: DrawnHoldout) => ({ salt, share, market });

const goesOn = (last: DrawSpan, { salt, share, market }: DrawnHoldout, from: Date): boolean =>
  last.salt === salt &&
  last.share === share &&
  last.market === market &&
  last.months.at(-1)?.until.getTime() === from.getTime();

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
export function holdoutLift(months: readonly MonthCount[], alpha: number): HoldoutLift[] {
  return [...new Set(months.map(({ month }) => month))].map((month, i) => {
    const looks = i + 1;
    // Of each draw what it had come to by then; one that leaves a side empty compares nobody.
    const soFar = months.slice(0, months.findLastIndex((one) => one.month === month) + 1);
    const strata = [...new Map(soFar.map((one) => [one.draw.from.getTime(), one])).values()].filter(
      (one) => one.held.n > 1 && one.others.n > 1,
    );
    const people = total(strata, 'others', 'n');
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
    const ratio = worstRatio(strata);
    const reached = Math.min(total(strata, 'held', 'reached'), total(strata, 'others', 'reached'));
    const relative = fiellerLift(others, held, every);
    return {
      month,
      looks,
      held: { n: total(strata, 'held', 'n'), mean: held.mean },
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

const total = (strata: readonly MonthCount[], side: 'held' | 'others', of: 'n' | 'reached'): number =>
  strata.reduce((sum, one) => sum + one[side][of], 0);

/** The people of a draw are all there when it begins: it is looked at once, however many months it lasts. */
function worstRatio(strata: readonly MonthCount[]): SampleRatio {
  const ratios = strata.map(({ draw: { share }, held, others }) =>
    sampleRatio({ observed: [held.n, others.n], weights: [share, 1 - share] }),
  );
  const nobody: SampleRatio = { chi2: 0, df: 1, p: null, verdict: 'skipped' };
  return ratios.reduce((worst, one) => ((one.p ?? 2) < (worst.p ?? 2) ? one : worst), nobody);
}

/**
 * The mean of one side over all draws, weighed by who may be written to, and its squared error as the variance of one. Draws
 * by different salts err independently of each other. By one salt (other terms, or the same ones again) much the same people
 * are held out: there the errors themselves are added up, which is enough even where everybody does again what they did before.
 */
function weighed(strata: readonly MonthCount[], side: 'held' | 'others', people: number): Moments {
  let mean = 0;
  const errors = new Map<string, number>();
  for (const one of strata) {
    const own = momentsOfSums(one[side]);
    const weight = one.others.n / people;
    mean += weight * own.mean;
    const { salt } = one.draw;
    errors.set(salt, (errors.get(salt) ?? 0) + weight * Math.sqrt(own.variance / own.n));
  }
  return { n: 1, mean, variance: [...errors.values()].reduce((sum, error) => sum + error ** 2, 0) };
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
