import type { AudienceCounts } from '../campaigns/audience';
import type { Scenario } from '../campaigns/scenario';
import { planTest, type TestPlan } from './plan';
import { percent } from './words';

type Sized = Pick<Scenario, 'arms' | 'primaryMetric' | 'experiment'>;

/**
 * The size of a scenario's test for so many people (null: as many as it takes), of whom so many come to be there in a day; null
 * where it was not sized, or has no test.
 */
export function campaignTestPlan(
  { arms, primaryMetric, experiment }: Sized,
  people: number | null,
  perDay: number | null = null,
): TestPlan | null {
  const { baselineRate, minimumEffect } = experiment ?? {};
  if (experiment === undefined || baselineRate === undefined || minimumEffect === undefined) return null;
  return planTest({
    metric: { kind: 'share', baseline: baselineRate },
    direction: primaryMetric.direction,
    minimumEffect,
    arms,
    alpha: experiment.alpha,
    power: experiment.power,
    minPerArm: experiment.minPerArm,
    earlyLooks: experiment.earlyLooks,
    people,
    perDay,
    windowDays: primaryMetric.windowSeconds / 86_400,
  });
}

/**
 * Why a test of this audience could not be read, and what would make it possible; null: it can, or there is none. Nobody is
 * written to for a test that is too small.
 */
export function tooSmallWords(
  scenario: Sized,
  { parts, matched }: Pick<AudienceCounts, 'parts' | 'matched'>,
  entersPerDay: number | null = null,
): string | null {
  const { experiment, arms } = scenario;
  if (experiment === undefined || parts.test === 0) return null;
  const rest = parts.test + parts.rollout;
  // Of who comes to match the segment, those the test would have: not who may not be written to, nor the pilot's.
  const perDay = entersPerDay === null ? null : (entersPerDay * parts.test) / matched;
  const plan = campaignTestPlan(scenario, parts.test, perDay);
  if (plan !== null) {
    if (plan.feasible) return null;
    const larger =
      plan.total !== null && plan.total <= rest
        ? [
            `A larger share in the test: ${plan.total} people are ${percent(plan.total / rest)} of those outside the pilot.`,
          ]
        : [];
    const needs =
      plan.perArm === null
        ? `The test cannot find the effect it is for.`
        : `The test is too small: it has ${parts.test} people and needs ${plan.total}, ${plan.perArm} in its smallest arm.`;
    return [needs, ...larger, ...plan.ways].join(' ');
  }
  const weight = arms.reduce((sum, arm) => sum + arm.weight, 0);
  const smallest = Math.floor((parts.test * Math.min(...arms.map((arm) => arm.weight))) / weight);
  if (smallest >= experiment.minPerArm) return null;
  return (
    `The test is too small: about ${smallest} people would be in its smallest arm, and each needs ${experiment.minPerArm}. ` +
    'Fewer arms, a larger share in the test, a larger audience, or no test.'
  );
}
