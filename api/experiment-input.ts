import { own } from '../domain/shared/own';
import { economicsOf } from '../domain/experiments/economics';
import { evaluateExperiment } from '../domain/experiments/evaluate';
import type { ArmOutcome, ExperimentInput } from '../domain/experiments/evaluation';
import { factorEffects } from '../domain/experiments/factors';
import { interactionsOf } from '../domain/experiments/interactions';
import { momentsOf, momentsOfSums } from '../domain/experiments/means';
import { sensitivityOf } from '../domain/experiments/sensitivity';
import { dimensionEffects } from '../domain/experiments/sub-populations';
import type { ArmCounts, EvaluateBody } from './schemas/experiments';

/** Plain numbers of a test as the evaluation takes them. */
export function experimentInput({
  arms,
  control,
  baseline,
  design,
  plan,
  ...body
}: EvaluateBody): ExperimentInput {
  const { exposedTwice } = design;
  const { plannedPerArm, winsoriseAt, ...terms } = plan;
  return {
    metric: body.metric,
    direction: body.direction,
    ...terms,
    ...(plannedPerArm === undefined ? {} : { plannedPerArm }),
    ...(winsoriseAt === undefined ? {} : { winsoriseAt }),
    ...(exposedTwice === undefined ? {} : { exposedTwice }),
    arms: arms.map((arm): ArmOutcome => {
      const assigned = own(design.assigned ?? {}, arm.key);
      return {
        key: arm.key,
        label: arm.label ?? arm.key,
        weight: own(design.weights ?? {}, arm.key) ?? 1,
        control: arm.key === control,
        baseline: arm.key === baseline,
        ...(assigned === undefined ? {} : { assigned }),
        ...(arm.missing === undefined ? {} : { missing: arm.missing }),
        ...counted(arm),
      };
    }),
    guardrails: body.guardrails.map(({ against, ...one }) => ({
      ...one,
      ...(against === undefined ? {} : { against }),
    })),
  };
}

function counted(arm: ArmCounts) {
  if ('successes' in arm) return { n: arm.n, events: arm.successes };
  if ('sum' in arm) return momentsOfSums(arm);
  const { values, covariate } = arm;
  return { ...momentsOf(values), values, ...(covariate === undefined ? {} : { covariate }) };
}

/** The evaluation and all that stands beside it. */
export function evaluateBodyOf(body: EvaluateBody) {
  const input = experimentInput(body);
  const evaluation = evaluateExperiment(input);
  const factored = body.arms.flatMap((arm) =>
    'successes' in arm && arm.factors !== undefined
      ? [{ key: arm.key, n: arm.n, events: arm.successes, factors: arm.factors }]
      : [],
  );
  return {
    evaluation,
    sensitivity: sensitivityOf(input, evaluation.decision),
    subPopulations: body.subPopulations.map((one) =>
      dimensionEffects(one, evaluation.reference.arm, input.alpha),
    ),
    interactions: interactionsOf(
      body.concurrent.map(({ test, cells }) => ({
        test,
        cells: cells.map(({ successes, ...cell }) => ({ ...cell, events: successes })),
      })),
      body.arms.map(({ key }) => key),
      evaluation.reference.arm,
      input.alpha,
    ),
    factors: factored.length > 1 ? factorEffects(factored, input.alpha) : null,
    economics: body.worth === undefined ? null : economicsOf(evaluation, body.worth),
  };
}
