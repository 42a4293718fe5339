import { judgeArmGuardrails } from './arm-guardrails';
import { compareWith, type CompareTerms } from './compare';
import { cupedOf, type Cuped } from './cuped';
import { decide } from './decide';
import {
  isShare,
  type ArmOutcome,
  type ArmTerms,
  type Evaluation,
  type ExperimentInput,
  type MeanArm,
} from './evaluation';
import { healthOf } from './health';
import { momentsOf, type Moments } from './means';
import { detectableMean, minimumDetectableEffect } from './sample-size';
import { rateOf } from './two-proportions';
import { winsorised } from './winsorise';

const POWER = 0.8;

/**
 * Of alpha, what early looks may spend where they were planned; the rest is the end's. However the two hang together, a
 * test without a difference is then called one with probability alpha at most.
 */
export const EARLY_SHARE = 0.2;

/**
 * Judges a test at one look. Each arm is compared with the reference (the control, else the baseline, else the first arm),
 * adjusted over them by Holm: at the planned end by a two-proportion z test or Welch's t test, before it by what holds at
 * every look. The decision is in `decide`. Needs at least one arm.
 */
export function evaluateExperiment(given: ExperimentInput): Evaluation {
  const input = { ...given, arms: winsorised(given.arms, given.winsoriseAt) };
  const { arms, alpha } = input;
  const { reference, role } = referenceOf(arms);
  const others = arms.filter((arm) => arm.key !== reference.key);
  const adjustment = input.cuped === true ? cupedOf(arms) : null;
  const terms = termsOf(input, adjustment);
  const comparisons = compareWith(others, reference, terms);
  const winners = others
    .filter((arm) => comparisons.some((c) => c.arm === arm.key && wins(c, input)))
    .sort((a, b) => sign(input) * (levelOf(b, terms) - levelOf(a, terms)));
  const best = winners[0];
  // From the winner's side, so that a positive difference speaks for it whatever the arm.
  const amongWinners = best ? compareWith(winners.slice(1), best, terms).map(turned) : [];
  const evaluation = {
    metric: input.metric,
    health: healthOf(input, adjustment),
    reference: { arm: reference.key, role },
    arms: arms.map((arm) => ({
      arm: arm.key,
      label: labelOf(arm),
      n: arm.n,
      events: isShare(arm) ? arm.events : null,
      rate: isShare(arm) ? rateOf(arm) : arm.mean,
    })),
    comparisons,
    amongWinners,
    detectable: detectable(input, reference, others.length),
    guardrails: judgeArmGuardrails(input.guardrails ?? [], alpha),
  };
  return { ...evaluation, decision: decide(evaluation, best?.key ?? null, input) };
}

/** What every comparison of this test is read by, whatever it compares. */
export function termsOf(
  { arms, alpha, look, earlyLooks, bayes, plannedPerArm }: ExperimentInput,
  adjustment: Cuped | null = null,
): CompareTerms {
  const smallest = Math.min(...arms.map((arm) => arm.weight));
  const planned = ({ n, weight }: ArmOutcome): number =>
    plannedPerArm === undefined ? Math.max(1, n) : (plannedPerArm * weight) / smallest;
  return {
    alpha,
    look: look ?? 'final',
    share: earlyLooks === true ? (look === 'early' ? EARLY_SHARE : 1 - EARLY_SHARE) : 1,
    bayes: bayes === true,
    planned: (arm, against) => planned(arm) + planned(against),
    adjusted:
      adjustment === null
        ? null
        : new Map(arms.map((arm, i): [string, Moments] => [arm.key, adjustment.arms[i] ?? momentsOf([])])),
  };
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

const labelOf = (arm: ArmTerms): string => arm.label ?? arm.key;

/** What arms are ordered by: after what the covariate foretold, where that is asked. */
const levelOf = (arm: ArmOutcome, { adjusted }: CompareTerms): number =>
  adjusted?.get(arm.key)?.mean ?? (isShare(arm) ? rateOf(arm) : arm.mean);

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
  alwaysValid: { ...c.alwaysValid, ci: [-c.alwaysValid.ci[1], -c.alwaysValid.ci[0]] },
  // Of the other against this one, which is not these turned round.
  relative: null,
  bayes: null,
});

function detectable(input: ExperimentInput, reference: ArmOutcome, comparisons: number): number | null {
  if (comparisons === 0) return null;
  const smallest = Math.min(...input.arms.map((arm) => arm.n));
  const test = { alpha: input.alpha / comparisons, power: input.power ?? POWER };
  if (isShare(reference)) return minimumDetectableEffect(rateOf(reference), smallest, input.direction, test);
  const variance = pooledVariance(input.arms.filter((arm): arm is MeanArm => !isShare(arm)));
  return smallest < 2 || !(variance > 0) ? null : detectableMean(Math.sqrt(variance), smallest, test);
}

function pooledVariance(arms: readonly MeanArm[]): number {
  const degrees = arms.reduce((sum, { n }) => sum + Math.max(0, n - 1), 0);
  return arms.reduce((sum, { n, variance }) => sum + Math.max(0, n - 1) * variance, 0) / Math.max(1, degrees);
}
