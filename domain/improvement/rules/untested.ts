import type { Rule } from './rule';

/** A campaign that ran its course without a test that can be believed leaves the question open. */
export const untested: Rule = ({ report, evaluation, arms }) => {
  const action = evaluation?.decision.action;
  if (report.end !== 'completed' || action === 'ship' || action === 'no-winner') return [];
  const sends = arms.filter((arm) => !arm.control).map((arm) => arm.label);
  return [
    {
      key: 'test',
      title: `Test ${sends.join(' and ') || 'the message'} against a control`,
      why: `The campaign was sent without a test that tells: nobody knows what it changed on ${report.scenario.primaryMetric.event}.`,
      revenuePotential: 3,
      difficulty: 1,
      statisticalFeasibility: 4,
    },
  ];
};
