import { sampleSizePerArm } from '../../experiments/sample-size';
import { points } from '../../experiments/words';
import { feasibilityOf, potentialOf } from '../priority';
import { labelOf, liftOf } from './arms';
import type { Rule } from './rule';

const POWER = 0.8;

/** Two winners too close to tell apart: what it takes to tell them apart. */
export const closeArms: Rule = ({ evaluation, experiment, report }) => {
  if (!evaluation || !experiment || evaluation.decision.action !== 'ship') return [];
  return evaluation.amongWinners
    .filter((c) => c.pAdjusted >= experiment.alpha)
    .map((c) => {
      const rate = (arm: string) => evaluation.arms.find((a) => a.arm === arm)?.rate ?? 0;
      const needed = Math.ceil(
        sampleSizePerArm(rate(c.against), rate(c.arm), { alpha: experiment.alpha, power: POWER }),
      );
      const names = [labelOf(evaluation, c.arm), labelOf(evaluation, c.against)];
      return {
        key: c.against,
        title: `Test ${names.join(' against ')} alone, with more people`,
        why: Number.isFinite(needed)
          ? `They are ${points(c.difference)} apart, too close to tell: ${needed} people in each of the two arms would find that difference four times in five.`
          : 'They have the very same rate: only another idea will tell them apart.',
        revenuePotential: potentialOf(liftOf(c.difference, rate(c.against))),
        difficulty: 2,
        statisticalFeasibility: feasibilityOf(2 * needed, report.audience?.members ?? 0),
      };
    });
};
