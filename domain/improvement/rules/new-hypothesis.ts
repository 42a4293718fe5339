import { points } from '../../experiments/words';
import { isTooSmall } from './arms';
import type { Rule } from './rule';

/** A test without a winner has an answer too: the hypothesis as it stood is not it. */
export const newHypothesis: Rule = ({ evaluation, experiment, report }) => {
  if (isTooSmall({ evaluation, experiment }))
    return [
      {
        key: 'repeat',
        title: `Test “${report.scenario.hypothesis}” with enough people`,
        why: 'Too few people, or too few events, to say anything of it: the hypothesis is where it was.',
        revenuePotential: 3,
        difficulty: 2,
        statisticalFeasibility: 2,
      },
    ];
  if (report.end !== 'no-winner' && evaluation?.decision.action !== 'no-winner') return [];
  const { hypothesis, primaryMetric } = report.scenario;
  const ruledOut =
    !evaluation || evaluation.detectable === null
      ? ''
      : ` An effect of ${points(evaluation.detectable).replace('+', '')} or more would probably have shown.`;
  return [
    {
      key: 'next',
      title: `Find a bolder idea for ${primaryMetric.event} than the one tested`,
      why: `No arm won. What was believed: "${hypothesis}".${ruledOut}`,
      revenuePotential: 3,
      difficulty: 3,
      statisticalFeasibility: 3,
    },
  ];
};
