import type { Scenario } from '../campaigns/scenario';
import type { ArmOutcome, ExperimentInput } from './evaluation';

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
}

/** Puts counts and the scenario's terms together; an arm that nobody is in counts 0. */
export function evaluationInputs(
  scenario: Pick<Scenario, 'arms' | 'primaryMetric'>,
  experiment: NonNullable<Scenario['experiment']>,
  cells: readonly OutcomeCell[],
  assigned: Readonly<Record<string, number>>,
): EvaluationInputs {
  const { primaryMetric } = scenario;
  const arms = scenario.arms.map((arm): ArmOutcome => {
    const own = cells.filter((cell) => cell.arm === arm.key);
    return {
      key: arm.key,
      label: arm.label,
      weight: arm.weight,
      control: arm.control,
      baseline: arm.baseline,
      n: own.reduce((sum, cell) => sum + cell.n, 0),
      events: own.reduce((sum, cell) => sum + cell.events, 0),
      assigned: assigned[arm.key] ?? 0,
    };
  });
  return {
    metric: primaryMetric.event,
    direction: primaryMetric.direction,
    windowSeconds: primaryMetric.windowSeconds,
    alpha: experiment.alpha,
    minPerArm: experiment.minPerArm,
    arms,
    cells,
  };
}
