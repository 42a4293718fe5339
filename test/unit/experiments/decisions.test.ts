import fc from 'fast-check';
import { judgeArmGuardrails } from '../../../domain/experiments/arm-guardrails';
import { evaluateExperiment } from '../../../domain/experiments/evaluate';
import type { ArmOutcome, ExperimentInput } from '../../../domain/experiments/evaluation';
import { sensitivityOf } from '../../../domain/experiments/sensitivity';
import { randomFrom } from '../../../bench/random';

const arm = (key: string, events: number, n = 10_000): ArmOutcome => ({
  key,
  weight: 1,
  control: key === 'none',
  n,
  events,
});
const decide = (more: Partial<ExperimentInput>) =>
  evaluateExperiment({
    metric: 'visit',
    direction: 'increase',
    alpha: 0.05,
    minPerArm: 1_000,
    arms: [arm('none', 1_000), arm('a', 1_300)],
    ...more,
  }).decision;

const unsubscribed = (events: Record<string, number>) => [
  {
    metric: 'unsubscribe',
    limit: 0.005,
    arms: Object.entries(events).map(([key, count]) => ({ key, n: 10_000, events: count })),
  },
];
const amounts = (key: string, values: readonly number[]): ArmOutcome => {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
  return { key, weight: 1, control: key === 'none', n: values.length, mean, variance, values };
};

const WON = [arm('none', 1_000), arm('a', 1_300)];
const SAME = [arm('none', 1_000), arm('a', 1_010)];
const SMALL = [arm('none', 50, 500), arm('a', 100, 500)];
const OFF = [arm('none', 1_000), arm('a', 1_300, 9_000)];
const TWO = [arm('none', 1_000), arm('a', 1_300), arm('b', 1_020)];
/** Many little amounts on one side, a few large ones on the other. */
const ranked = (large: number) =>
  [
    amounts(
      'none',
      Array.from({ length: 400 }, (_, i) => 5 + (i % 7)),
    ),
    amounts(
      'a',
      Array.from({ length: 400 }, (_, i) => (i % 20 === 0 ? large : 3 + (i % 5))),
    ),
  ] as const;

describe('the table of decisions', () => {
  test.each<[string, Partial<ExperimentInput>, string, string]>([
    ['not healthy', { arms: OFF }, 'invalid', 'invalid'],
    [
      'not healthy beats a lost guardrail',
      { arms: OFF, guardrails: unsubscribed({ a: 300 }) },
      'invalid',
      'invalid',
    ],
    ['people who got two arms', { arms: WON, exposedTwice: 400 }, 'invalid', 'invalid'],
    ['nothing to compare', { arms: [arm('a', 10)] }, 'no-winner', 'no-winner'],
    [
      'a lost guardrail beats a won goal',
      { arms: WON, guardrails: unsubscribed({ a: 300 }) },
      'stop',
      'stop',
    ],
    ['a lost guardrail and no winner', { arms: SAME, guardrails: unsubscribed({ a: 300 }) }, 'stop', 'stop'],
    [
      'a guardrail lost by another arm than the winner',
      { arms: TWO, guardrails: unsubscribed({ a: 20, b: 300 }) },
      'review',
      'review',
    ],
    ['guardrails kept', { arms: WON, guardrails: unsubscribed({ a: 30 }) }, 'ship', 'ship'],
    ['too few people', { arms: SMALL }, 'keep-running', 'no-winner'],
    ['nobody beat the reference', { arms: SAME }, 'keep-running', 'no-winner'],
    ['the wrong sign', { arms: WON, direction: 'decrease' }, 'keep-running', 'no-winner'],
    ['a winner', { arms: WON }, 'ship', 'ship'],
    [
      'a winner that the ranks deny',
      { arms: [...ranked(400)], minPerArm: 100, plannedPerArm: 400 },
      'review',
      'review',
    ],
  ])('%s', (_, more, early, final) => {
    const at = (look: 'early' | 'final') => decide({ plannedPerArm: 20_000, ...more, look });
    expect(at('early')).toMatchObject({ action: early, by: 'always-valid' });
    expect(at('final')).toMatchObject({ action: final, by: 'fixed-horizon' });
    for (const look of ['early', 'final'] as const) {
      const { action, arm: shipped, reasons } = at(look);
      expect(shipped === null).toBe(action !== 'ship');
      expect(reasons.length).toBeGreaterThan(0);
    }
  });

  test('early looks and the end share alpha', () => {
    // p is 0.044: a result where the end has all of alpha, none where early looks had their part.
    const arms = [arm('none', 1_000), arm('a', 1_087)];
    expect(decide({ arms })).toMatchObject({ action: 'ship' });
    expect(decide({ arms, earlyLooks: true })).toMatchObject({ action: 'no-winner' });
  });

  test('one person who makes an arm is for somebody to look at, and cut as planned is not', () => {
    const usual = Array.from({ length: 2_000 }, (_, i) => i % 10);
    const arms = [
      amounts('none', usual),
      amounts(
        'a',
        usual.map((x, i) => (i === 0 ? 1_500 : x + 1)),
      ),
    ];
    expect(decide({ arms })).toMatchObject({ action: 'review' });
    expect(decide({ arms, winsoriseAt: 0.99 })).toMatchObject({ action: 'ship' });
    const input = { metric: 'spend', direction: 'increase', alpha: 0.05, minPerArm: 1_000, arms } as const;
    expect(sensitivityOf(input, evaluateExperiment(input).decision)).toContainEqual({
      what: 'amounts cut at their 0.99 quantile',
      action: 'ship',
      arm: 'a',
      turned: true,
    });
  });
});

test('p is a number above 0 and at most 1, whatever the amounts', () => {
  const odd = fc.array(fc.constantFrom(0, 0, 0, 1, -1, 1e-300, 1e300, 5), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(odd, odd, (none, a) => {
      const { comparisons, decision } = evaluateExperiment({
        metric: 'spend',
        direction: 'increase',
        alpha: 0.05,
        minPerArm: 1,
        arms: [amounts('none', none), amounts('a', a)].map((one) => ({
          ...one,
          ...('mean' in one && !Number.isFinite(one.variance) ? { variance: 0 } : {}),
        })),
      });
      for (const { p, pAdjusted, tests, alwaysValid } of comparisons)
        for (const one of [p, pAdjusted, alwaysValid.p, ...tests.map((t) => t.p)]) {
          expect(one).toBeGreaterThan(0);
          expect(one).toBeLessThanOrEqual(1);
        }
      expect(decision.reasons.join(' ')).not.toMatch(/NaN|Infinity/);
    }),
  );
});

test('a guardrail at its limit is lost in one of twenty campaigns at most, however often it is looked at', () => {
  const draws = randomFrom(7);
  const runs = 300;
  let lost = 0;
  for (let run = 0; run < runs; run += 1) {
    let events = 0;
    for (let look = 1; look <= 40; look += 1) {
      events += draws.binomial(500, 0.005);
      const [judged] = judgeArmGuardrails(
        [{ metric: 'unsubscribe', limit: 0.005, arms: [{ key: 'a', n: look * 500, events }] }],
        0.05,
      );
      if (judged?.lost === true) {
        lost += 1;
        break;
      }
    }
  }
  expect(lost / runs).toBeLessThanOrEqual(0.05);
});
