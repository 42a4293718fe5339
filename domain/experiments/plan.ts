import { EARLY_SHARE } from './evaluate';
import { detectableMean, minimumDetectableEffect, sampleSizeOfMeans, sampleSizePerArm } from './sample-size';
import { AMOUNTS, percent, SHARES } from './words';

export interface PlannedArm {
  readonly key: string;
  readonly weight: number;
  readonly control?: boolean;
  readonly baseline?: boolean;
}

/** What is known and wanted before anybody is written to. */
export interface PlanInput {
  /** `baseline`: the share of people with the event as it is today. `mean`, `sd`: of the amount. */
  readonly metric:
    | { readonly kind: 'share'; readonly baseline: number }
    | { readonly kind: 'mean'; readonly mean?: number | undefined; readonly sd: number };
  readonly direction: 'increase' | 'decrease';
  /** The smallest effect that would be acted on: a difference, or a share of today's level. */
  readonly minimumEffect: { readonly absolute: number } | { readonly relative: number };
  readonly arms: readonly PlannedArm[];
  readonly alpha: number;
  readonly power: number;
  readonly minPerArm: number;
  /** Looks before the end. */
  readonly earlyLooks: number;
  /** People there are for the test, all arms together; null: as many as it takes. */
  readonly people: number | null;
  /** People who become available in a day; null: all at once. */
  readonly perDay: number | null;
  /** How long an outcome is waited for, in days. */
  readonly windowDays: number;
}

export interface TestPlan {
  /** α of one comparison at the end: shared among arms, and with early looks. */
  readonly alphaPerComparison: number;
  /** A difference, of the metric's kind. */
  readonly effect: number;
  /** People the smallest arm needs by its power (rounded up); null: no number of people finds it. */
  readonly needed: number | null;
  /** People of the smallest arm: what is needed, and no fewer than `minPerArm`. */
  readonly perArm: number | null;
  readonly arms: readonly { readonly key: string; readonly people: number }[];
  readonly total: number | null;
  /** From the first message to the last outcome; null: not known. */
  readonly days: number | null;
  /** The smallest difference the people there are would find, and as a share of today's level; null: none, or not known. */
  readonly detectable: { readonly absolute: number; readonly relative: number | null } | null;
  readonly feasible: boolean;
  /** What would make it possible, in words; empty where it is. */
  readonly ways: readonly string[];
}

/**
 * How many people a test needs to find the smallest effect that matters: two-sided, α shared among the comparisons (the
 * reading is Holm's, which is never stricter), each arm at least `minPerArm`. A test too small for that is not feasible, and
 * what would make it so is said.
 */
export function planTest(input: PlanInput): TestPlan {
  const reference = referenceOf(input.arms);
  const others = input.arms.filter((arm) => arm.key !== reference.key);
  const comparisons = Math.max(1, others.length);
  const endShare = input.earlyLooks > 0 ? 1 - EARLY_SHARE : 1;
  const alphaPerComparison = (input.alpha * endShare) / comparisons;
  const effect = effectOf(input);
  const scale = scaleOf(input, { reference, others, alpha: alphaPerComparison, effect });
  const smallest = Math.min(...input.arms.map((arm) => arm.weight));
  const needed = scale === null ? null : Math.ceil(scale * smallest);
  const perArm = needed === null ? null : Math.max(input.minPerArm, needed);
  const arms =
    perArm === null
      ? []
      : input.arms.map(({ key, weight }) => ({ key, people: Math.ceil((perArm * weight) / smallest) }));
  const total = perArm === null ? null : arms.reduce((sum, { people }) => sum + people, 0);
  const feasible = total !== null && (input.people === null || total <= input.people);
  const plan = {
    alphaPerComparison,
    effect,
    needed,
    perArm,
    arms,
    total,
    days: total === null ? null : daysFor(input, total),
    detectable: detectableOf(input, alphaPerComparison),
    feasible,
  };
  return { ...plan, ways: feasible ? [] : waysOut(input, plan) };
}

/** As the evaluation will take it. */
function referenceOf(arms: readonly PlannedArm[]): PlannedArm {
  const reference =
    arms.find((arm) => arm.control === true) ?? arms.find((arm) => arm.baseline === true) ?? arms[0];
  if (reference === undefined) throw new RangeError('an experiment needs at least one arm');
  return reference;
}

const levelOf = ({ metric }: PlanInput): number | null =>
  metric.kind === 'share' ? metric.baseline : (metric.mean ?? null);

function effectOf({ minimumEffect, ...input }: PlanInput): number {
  if ('absolute' in minimumEffect) return minimumEffect.absolute;
  const { metric } = input;
  return minimumEffect.relative * Math.abs(metric.kind === 'share' ? metric.baseline : (metric.mean ?? 0));
}

/** People for each unit of weight, so that every comparison has its power; null: the share would leave 0…1, or no effect. */
function scaleOf(
  { metric, direction, power }: PlanInput,
  {
    reference,
    others,
    alpha,
    effect,
  }: {
    readonly reference: PlannedArm;
    readonly others: readonly PlannedArm[];
    readonly alpha: number;
    readonly effect: number;
  },
): number | null {
  const scales = others.map(({ weight }) => {
    const ratio = weight / reference.weight;
    if (metric.kind === 'mean')
      return (
        sampleSizeOfMeans({ sd: metric.sd, difference: effect }, { alpha, power }, ratio) / reference.weight
      );
    const reached = metric.baseline + (direction === 'increase' ? effect : -effect);
    if (reached < 0 || reached > 1) return Infinity;
    return sampleSizePerArm(metric.baseline, reached, { alpha, power }, ratio) / reference.weight;
  });
  const most = Math.max(0, ...scales);
  return Number.isFinite(most) ? most : null;
}

const daysFor = ({ perDay, windowDays }: PlanInput, people: number): number =>
  (perDay === null ? 0 : Math.ceil(people / perDay)) + windowDays;

function detectableOf(input: PlanInput, alpha: number): TestPlan['detectable'] {
  const { metric, people, power, direction } = input;
  if (people === null) return null;
  const weight = input.arms.reduce((sum, arm) => sum + arm.weight, 0);
  const smallest = Math.floor((people * Math.min(...input.arms.map((arm) => arm.weight))) / weight);
  if (smallest < 2) return null;
  const absolute =
    metric.kind === 'share'
      ? minimumDetectableEffect(metric.baseline, smallest, direction, { alpha, power })
      : detectableMean(metric.sd, smallest, { alpha, power });
  if (absolute === null) return null;
  const level = levelOf(input);
  const relative = level === null ? null : absolute / Math.abs(level);
  return { absolute, relative: Number.isFinite(relative) ? relative : null };
}

/** Fewer arms, longer, a larger effect, or no test. */
function waysOut(input: PlanInput, plan: Omit<TestPlan, 'ways'>): string[] {
  const { metric, people, perDay } = input;
  const { difference } = metric.kind === 'share' ? SHARES : AMOUNTS;
  if (plan.total === null)
    return ['No number of people finds this effect: it is nothing, or takes the rate below 0 or above 100%.'];
  const ways: string[] = [];
  const fewer = fewerArms(input);
  if (fewer !== null)
    ways.push(`Fewer arms: ${fewer.arms} of them need ${fewer.total} people instead of ${plan.total}.`);
  if (people !== null && perDay !== null)
    ways.push(
      `Longer: ${plan.total} people are there after ${Math.ceil((plan.total - people) / perDay)} more days at ${Number(perDay.toPrecision(3))} a day.`,
    );
  if (plan.detectable !== null) {
    const { absolute, relative } = plan.detectable;
    const share = relative === null ? '' : `, ${percent(relative)} of today's level`;
    ways.push(
      `A larger effect: ${people} people find ${difference(absolute).replace('+', '')} or more${share}.`,
    );
  }
  return [...ways, 'No test: the baseline goes to everybody, and nothing is claimed of it.'];
}

/** The most arms there are people for, the reference among them, the last written first to go. */
function fewerArms(input: PlanInput): { readonly arms: number; readonly total: number } | null {
  const reference = referenceOf(input.arms);
  const others = input.arms.filter((arm) => arm.key !== reference.key);
  for (let kept = others.length - 1; kept >= 1; kept -= 1) {
    const { total, feasible, arms } = planTest({ ...input, arms: [reference, ...others.slice(0, kept)] });
    if (feasible && total !== null) return { arms: arms.length, total };
  }
  return null;
}
