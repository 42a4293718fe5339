import { sampleSizePerArm } from '../../experiments/sample-size';
import { percent, points } from '../../experiments/words';
import { feasibilityOf, potentialOf } from '../priority';
import { bestOf, liftOf } from './arms';
import type { Rule } from './rule';

const POWER = 0.8;

/** No winner where more people, or fewer arms, could have found one: how many it takes. */
export const biggerTest: Rule = (facts) => {
  const { evaluation, experiment, report } = facts;
  const best = bestOf(facts);
  if (!evaluation || !experiment || !best || evaluation.decision.action !== 'no-winner') return [];
  const { comparison, reference, label } = best;
  const sign = report.scenario.primaryMetric.direction === 'increase' ? 1 : -1;
  if (sign * comparison.difference <= 0) return [];
  const alpha = experiment.alpha / evaluation.comparisons.length;
  const target = reference.rate + comparison.difference;
  const needed = Math.max(
    experiment.minPerArm,
    Math.ceil(sampleSizePerArm(reference.rate, target, { alpha, power: POWER })),
  );
  const smallest = Math.min(...evaluation.arms.map((arm) => arm.n));
  const members = report.audience?.members ?? 0;
  const arms = evaluation.arms.length;
  const enough = needed * arms <= members;
  const advice =
    arms > 2 && !enough
      ? `Test ${label} alone against ${labelIn(facts, reference.arm)}, with more people`
      : `Repeat the test of ${label} with at least ${needed} people per arm`;
  return [
    {
      key: comparison.arm,
      title: advice,
      why:
        `${label} came nearest, ${points(comparison.difference)} on ${percent(reference.rate)}, with ${smallest} people in the smallest arm; ` +
        `${needed} per arm would find that difference four times in five${enough ? '' : ', more than this audience has'}.`,
      revenuePotential: potentialOf(liftOf(comparison.difference, reference.rate)),
      difficulty: enough ? 2 : 3,
      statisticalFeasibility: feasibilityOf(needed * (enough ? arms : 2), members),
    },
  ];
};

const labelIn = (facts: Parameters<Rule>[0], arm: string): string =>
  facts.arms.find((a) => a.key === arm)?.label ?? arm;
