import type { ArmResult, Comparison, Evaluation } from '../../experiments/evaluation';
import type { CampaignFacts } from '../facts';

/** The arm that was shipped, with its comparison against the reference. */
export function winnerOf({
  evaluation,
}: CampaignFacts): { label: string; comparison: Comparison; reference: ArmResult } | null {
  const arm = evaluation?.decision.action === 'ship' ? evaluation.decision.arm : null;
  if (!evaluation || arm === null) return null;
  return comparedArm(evaluation, arm);
}

/** The other arm that came nearest to winning. */
export function bestOf({ evaluation, report }: CampaignFacts) {
  if (!evaluation) return null;
  const sign = report.scenario.primaryMetric.direction === 'increase' ? 1 : -1;
  const [best] = [...evaluation.comparisons].sort((a, b) => sign * (b.difference - a.difference));
  return best ? comparedArm(evaluation, best.arm) : null;
}

function comparedArm(evaluation: Evaluation, arm: string) {
  const comparison = evaluation.comparisons.find((c) => c.arm === arm);
  const reference = evaluation.arms.find((a) => a.arm === evaluation.reference.arm);
  if (!comparison || !reference) return null;
  return { label: labelOf(evaluation, arm), comparison, reference };
}

export const labelOf = (evaluation: Evaluation, arm: string): string =>
  evaluation.arms.find((a) => a.arm === arm)?.label ?? arm;

/** Difference as a share of the reference's rate; the difference itself where that rate is 0. */
export const liftOf = (difference: number, referenceRate: number): number =>
  referenceRate > 0 ? difference / referenceRate : difference;

/** A test that says nothing, as against one that found nothing. */
export function isTooSmall({
  evaluation,
  experiment,
}: Pick<CampaignFacts, 'evaluation' | 'experiment'>): boolean {
  if (evaluation === null || experiment === null) return false;
  return (
    evaluation.arms.some(({ n }) => n < experiment.minPerArm) ||
    (evaluation.comparisons.length > 0 && evaluation.comparisons.every(({ trusted }) => !trusted))
  );
}
