import { own } from '../shared/own';
import type { Scenario } from '../campaigns/scenario';
import { campaignTestPlan } from './campaign-plan';
import type { ShorterWindow } from './campaign-sensitivity';
import type { CovariateSums } from './cuped-of-shares';
import type { GroupCounts } from './declared-groups';
import type { ArmSends } from './funnel';
import type { ShareArm, ExperimentInput } from './evaluation';
import type { ConcurrentTest } from './interactions';
import type { OtherCounts } from './other-metrics';
import type { RevenueCounts } from './revenue';

/** Outcomes of one persona in one arm: everyone the gate allowed, and who of them had the event in time. */
export interface OutcomeCell {
  readonly arm: string;
  readonly persona: string;
  readonly n: number;
  readonly events: number;
}

/** What was counted for one look, as it is stored beside the result. */
export interface EvaluationInputs extends ExperimentInput {
  readonly windowSeconds: number;
  readonly cells: readonly OutcomeCell[];
  /** What became of the messages, arm by arm. */
  readonly sends?: readonly ArmSends[];
  /** Left out where the look was stored before they were counted. */
  readonly otherMetrics?: readonly OtherCounts[];
  readonly groups?: GroupCounts;
  readonly revenue?: RevenueCounts;
  /** At the end alone. */
  readonly windows?: readonly ShorterWindow[];
  readonly concurrent?: readonly ConcurrentTest[];
}

/** Puts counts and the scenario's terms together; an arm that nobody is in counts 0. `look`: from 1; the last is the end. */
export function evaluationInputs(
  scenario: Pick<Scenario, 'arms' | 'primaryMetric' | 'guardrails'>,
  experiment: NonNullable<Scenario['experiment']>,
  {
    look,
    cells,
    assigned,
    sends,
    before,
  }: {
    readonly look: number;
    readonly cells: readonly OutcomeCell[];
    readonly assigned: Readonly<Record<string, number>>;
    readonly sends: readonly ArmSends[];
    /** By arm, where a covariate was planned. */
    readonly before?: Readonly<Record<string, CovariateSums>>;
  },
): EvaluationInputs {
  const { primaryMetric } = scenario;
  const needed = campaignTestPlan({ ...scenario, experiment }, null)?.perArm ?? null;
  const baseline = scenario.arms.find((arm) => arm.baseline)?.key;
  const against = baseline === undefined ? {} : { against: baseline };
  const arms = scenario.arms.map((arm): ShareArm => {
    const ofArm = cells.filter((cell) => cell.arm === arm.key);
    return {
      key: arm.key,
      label: arm.label,
      weight: arm.weight,
      control: arm.control,
      baseline: arm.baseline,
      ...(arm.factors === undefined ? {} : { factors: arm.factors }),
      n: ofArm.reduce((sum, cell) => sum + cell.n, 0),
      events: ofArm.reduce((sum, cell) => sum + cell.events, 0),
      assigned: own(assigned, arm.key) ?? 0,
      ...(before === undefined ? {} : { before: own(before, arm.key) ?? NOTHING_BEFORE }),
    };
  });
  return {
    metric: primaryMetric.event,
    direction: primaryMetric.direction,
    windowSeconds: primaryMetric.windowSeconds,
    alpha: experiment.alpha,
    minPerArm: experiment.minPerArm,
    power: experiment.power,
    look: look > experiment.earlyLooks ? 'final' : 'early',
    earlyLooks: experiment.earlyLooks > 0,
    ...(needed === null ? {} : { plannedPerArm: needed }),
    arms,
    ...(before === undefined ? {} : { cuped: true }),
    guardrails: scenario.guardrails
      .filter(({ limit }) => limit > 0 && limit < 1)
      .map(({ metric, limit }) => ({
        metric,
        limit,
        arms: sends.map((one) => armEvents(metric, one)),
        ...against,
      })),
    cells,
    sends,
  };
}

const NOTHING_BEFORE: CovariateSums = { sum: 0, sumOfSquares: 0, product: 0 };

const EVENTS = { unsubscribe: 'unsubscribed', complaint: 'complained' } as const;

const armEvents = (metric: keyof typeof EVENTS, sends: ArmSends) => ({
  key: sends.arm,
  n: sends.accepted,
  events: sends[EVENTS[metric]],
});
