import { testPlanWords } from '../../../domain/experiments/plan-words';
import type { Action } from '../../../domain/experiments/evaluation';
import { evaluateExperiment } from '../../../domain/experiments/evaluate';
import { replicationOf, replicationWords } from '../../../domain/experiments/replication';
import { renderReport } from '../../../domain/improvement/report/render';
import { testLogEntry } from '../../../domain/improvement/test-log-entry';
import { campaignFacts } from '../improvement/facts';

const evaluated = (control: number, arm: number, direction: 'increase' | 'decrease' = 'increase') =>
  evaluateExperiment({
    metric: 'visit',
    direction,
    alpha: 0.05,
    minPerArm: 1_000,
    arms: [
      { key: 'none', weight: 1, control: true, n: 5_000, events: control },
      { key: 'a', weight: 1, n: 5_000, events: arm },
    ],
  });
const original = (evaluation = evaluated(500, 700)) => ({ key: 'spring-2025', name: 'Spring', evaluation });

test.each<[string, ReturnType<typeof evaluated>, ReturnType<typeof evaluated>, string]>([
  ['the same winner', evaluated(500, 700), evaluated(400, 600), 'borne-out'],
  ['nothing found, twice', evaluated(500, 505), evaluated(500, 499), 'borne-out'],
  ['nothing found any more', evaluated(500, 700), evaluated(500, 505), 'not-borne-out'],
  ['the other way round', evaluated(500, 700), evaluated(700, 500, 'decrease'), 'not-borne-out'],
  [
    'another thing measured',
    evaluated(500, 700),
    { ...evaluated(500, 700), metric: 'purchase' },
    'undecided',
  ],
])('%s', (_, first, second, expected) => {
  expect(replicationOf(original(first), second)).toBe(expected);
});

test.each<Action>(['stop', 'keep-running', 'review', 'invalid'])(
  'a test that ended with %s bears nothing out',
  (action) => {
    const open = evaluated(500, 700);
    const undecided = { ...open, decision: { ...open.decision, action } };
    expect(replicationOf(original(), undecided)).toBe('undecided');
    expect(replicationOf(original(undecided), open)).toBe('undecided');
  },
);

test('report and test log say what is repeated, and whether it is borne out', () => {
  const facts = { ...campaignFacts(), original: original(), evaluation: evaluated(400, 600) };
  const words = 'It repeats Spring (spring-2025), which ended with ship. This test bears it out.';
  expect(renderReport(facts, [])).toContain(`**Replication.** ${words}`);
  expect(testLogEntry(facts, []).insight).toContain(words);
  expect(replicationWords(original(), null)).toBe('It repeats Spring (spring-2025), which ended with ship.');
  expect(renderReport(campaignFacts(), [])).not.toContain('Replication');
});

test('the plan says everything its decision hangs on', () => {
  const words = testPlanWords(
    {
      testShare: 0.4,
      alpha: 0.05,
      power: 0.8,
      minPerArm: 1_000,
      earlyLooks: 3,
      baselineRate: 0.106,
      minimumEffect: { relative: 0.1 },
      onNoWinner: 'cheapest',
      replicates: 'spring-2025',
    },
    [{ metric: 'unsubscribe', limit: 0.005 }],
  );
  expect(words).toBe(
    '40% of those outside the pilot; alpha 0.05, power 80%; to find a change of 10% from 10.60%; at least 1000 people an arm; ' +
      '3 early looks and the end; stopped above 0.50% unsubscribes; without a winner the cheapest arm goes on; repeats spring-2025',
  );
  expect(testPlanWords({ testShare: 1, alpha: 0.1 }, [])).toBe(
    '100% of those outside the pilot; alpha 0.1; one look, at the end',
  );
});
