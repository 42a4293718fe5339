import { campaignSensitivity } from './campaign-sensitivity';
import { declaredGroupEffects } from './declared-groups';
import { evaluateExperiment, termsOf } from './evaluate';
import { isShare, type Evaluation, type ShareArm } from './evaluation';
import { factorEffects, type FactorArm } from './factors';
import { interactionsOf, shownInteractions } from './interactions';
import { otherMetricEffects } from './other-metrics';
import type { EvaluationInputs } from './outcomes';
import { revenueEffects } from './revenue';

/** Judges a campaign's test: the decision is of its primary metric alone, whatever the scenario had counted beside it. */
export function evaluateCampaign(inputs: EvaluationInputs): Evaluation {
  const evaluation = evaluateExperiment(inputs);
  const reference = evaluation.reference.arm;
  const terms = termsOf(inputs);
  const { otherMetrics = [], groups, revenue, sends, concurrent = [] } = inputs;
  const interactions = interactionsOf(
    concurrent,
    inputs.arms.map(({ key }) => key),
    reference,
    inputs.alpha,
  );
  const { decision } = evaluation;
  const factored = inputs.look === 'early' ? [] : inputs.arms.filter(isShare).flatMap(factorArm);
  return {
    ...evaluation,
    // Said where somebody acts on it; what is to be done stays the primary metric's alone.
    ...(decision.action === 'invalid'
      ? {}
      : { decision: { ...decision, reasons: [...decision.reasons, ...shownInteractions(interactions)] } }),
    ...(sends === undefined ? {} : { sends }),
    otherMetrics: otherMetricEffects(otherMetrics, inputs, reference, terms),
    groups: groups === undefined ? [] : declaredGroupEffects(groups, inputs, inputs.cells, reference, terms),
    ...(revenue === undefined
      ? {}
      : { revenue: revenueEffects(revenue, inputs.arms, reference, inputs.alpha) }),
    ...(interactions.length === 0 ? {} : { interactions }),
    ...(inputs.look === 'early' ? {} : { sensitivity: campaignSensitivity(inputs, evaluation.decision) }),
    ...(factored.length === 0 ? {} : { factors: factorEffects(factored, inputs.alpha) }),
  };
}

const factorArm = ({ key, n, events, factors }: ShareArm): FactorArm[] =>
  factors === undefined ? [] : [{ key, n, events, factors }];
