import { compareWith } from './compare';
import { decide } from './decide';
import type { ArmOutcome, Evaluation, ExperimentInput } from './evaluation';
import { sampleRatio, type SampleRatio } from './sample-ratio';
import { minimumDetectableEffect } from './sample-size';
import { rateOf } from './two-proportions';

const POWER = 0.8;

/**
 * Judges a finished test at its planned look. Each arm is compared with the reference (the control, else the
 * baseline, else the first arm) by a two-proportion z test, Holm-adjusted; the decision is in `decide`.
 * Needs at least one arm.
 */
export function evaluateExperiment(input: ExperimentInput): Evaluation {
  const { arms, alpha } = input;
  const { reference, role } = referenceOf(arms);
  const others = arms.filter((arm) => arm.key !== reference.key);
  const comparisons = compareWith(others, reference, alpha);
  const winners = others
    .filter((arm) => comparisons.some((c) => c.arm === arm.key && wins(c, input)))
    .sort((a, b) => sign(input) * (rateOf(b) - rateOf(a)));
  const best = winners[0];
  // From the winner's side, so that a positive difference speaks for it whatever the arm.
  const amongWinners = best ? compareWith(winners.slice(1), best, alpha).map(turned) : [];
  const evaluation = {
    metric: input.metric,
    health: healthOf(arms),
    reference: { arm: reference.key, role },
    arms: arms.map((arm) => ({
      arm: arm.key,
      label: labelOf(arm),
      n: arm.n,
      events: arm.events,
      rate: rateOf(arm),
    })),
    comparisons,
    amongWinners,
    detectable: detectable(input, reference, others.length),
  };
  return { ...evaluation, decision: decide(evaluation, best?.key ?? null, input) };
}

function referenceOf(arms: readonly ArmOutcome[]) {
  const control = arms.find((arm) => arm.control === true);
  if (control) return { reference: control, role: 'control' as const };
  const baseline = arms.find((arm) => arm.baseline === true);
  if (baseline) return { reference: baseline, role: 'baseline' as const };
  const first = arms[0];
  if (!first) throw new RangeError('an experiment needs at least one arm');
  return { reference: first, role: 'first' as const };
}

const labelOf = (arm: ArmOutcome): string => arm.label ?? arm.key;

const sign = ({ direction }: ExperimentInput): number => (direction === 'increase' ? 1 : -1);

const wins = (c: Evaluation['comparisons'][number], input: ExperimentInput): boolean =>
  c.trusted && c.pAdjusted < input.alpha && sign(input) * c.difference > 0;

const turned = (c: Evaluation['comparisons'][number]): Evaluation['comparisons'][number] => ({
  ...c,
  arm: c.against,
  against: c.arm,
  difference: -c.difference,
  ci: [-c.ci[1], -c.ci[0]],
  z: -c.z,
});

const SEVERITY = { skipped: 0, ok: 1, warn: 2, fail: 3 } as const satisfies Record<
  SampleRatio['verdict'],
  number
>;

function healthOf(arms: readonly ArmOutcome[]): Evaluation['health'] {
  const weights = arms.map((arm) => arm.weight);
  const allowed = sampleRatio({ observed: arms.map((arm) => arm.n), weights });
  const counted = arms.every((arm) => arm.assigned !== undefined);
  const assigned = counted ? sampleRatio({ observed: arms.map((arm) => arm.assigned ?? 0), weights }) : null;
  const worst = assigned && SEVERITY[assigned.verdict] > SEVERITY[allowed.verdict] ? assigned : allowed;
  return { srmP: allowed.p, verdict: worst.verdict, allowed, assigned };
}

function detectable(input: ExperimentInput, reference: ArmOutcome, comparisons: number): number | null {
  if (comparisons === 0) return null;
  const smallest = Math.min(...input.arms.map((arm) => arm.n));
  return minimumDetectableEffect(rateOf(reference), smallest, input.direction, {
    alpha: input.alpha / comparisons,
    power: POWER,
  });
}
