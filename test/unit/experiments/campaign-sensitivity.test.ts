import fc from 'fast-check';
import { evaluateCampaign } from '../../../domain/experiments/campaign-evaluation';
import { cuped } from '../../../domain/experiments/cuped';
import { cupedOfShares } from '../../../domain/experiments/cuped-of-shares';
import { evaluateExperiment } from '../../../domain/experiments/evaluate';
import type { ShareArm } from '../../../domain/experiments/evaluation';
import type { EvaluationInputs, OutcomeCell } from '../../../domain/experiments/outcomes';

const person = fc.record({ y: fc.constantFrom(0, 1), x: fc.integer({ min: 0, max: 9 }) });
const people = fc.array(person, { minLength: 2, maxLength: 60 });

const shareOf = (key: string, all: readonly { y: number; x: number }[], control = false): ShareArm => ({
  key,
  weight: 1,
  control,
  n: all.length,
  events: all.filter(({ y }) => y === 1).length,
  before: {
    sum: all.reduce((sum, { x }) => sum + x, 0),
    sumOfSquares: all.reduce((sum, { x }) => sum + x * x, 0),
    product: all.reduce((sum, { x, y }) => sum + x * y, 0),
  },
});

test('sums say what the values themselves say', () => {
  fc.assert(
    fc.property(people, people, (a, b) => {
      const sums = cupedOfShares([shareOf('a', a), shareOf('b', b)]);
      const values = cuped(
        [a, b].map((all) => ({ values: all.map(({ y }) => y), covariate: all.map(({ x }) => x) })),
      );
      expect(sums?.theta).toBeCloseTo(values.theta, 9);
      expect(sums?.reduction).toBeCloseTo(values.reduction, 9);
      values.arms.forEach((arm, i) => {
        expect(sums?.arms[i]?.mean).toBeCloseTo(arm.mean, 9);
        expect(sums?.arms[i]?.variance).toBeCloseTo(arm.variance, 9);
      });
    }),
  );
});

test('by hand: what was known before is taken out of the difference and of its error', () => {
  // Two in four with the event; the covariate goes with it: x = 0, 1, 1, 2 against 1, 1, 2, 2.
  const [none, a] = [
    [
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 2],
    ],
    [
      [0, 1],
      [0, 1],
      [1, 2],
      [1, 2],
    ],
  ].map((all) => all.map(([y = 0, x = 0]) => ({ y, x })));
  const adjusted = cupedOfShares([shareOf('none', none ?? []), shareOf('a', a ?? [])]);
  // Within arms: Sxy = 1 + 1, Sxx = 2 + 1.
  expect(adjusted?.theta).toBeCloseTo(2 / 3, 14);
  // Means of x are 1 and 1.5, of all 1.25.
  expect(adjusted?.arms.map(({ mean }) => Number(mean.toFixed(12)))).toEqual([
    Number((0.5 + (2 / 3) * 0.25).toFixed(12)),
    Number((0.5 - (2 / 3) * 0.25).toFixed(12)),
  ]);
  // Syy − 2θSxy + θ²Sxx over 3: 1 − 4/3 + 8/9 and 1 − 4/3 + 4/9.
  expect(adjusted?.arms[0]?.variance).toBeCloseTo((1 - 4 / 3 + 8 / 9) / 3, 12);
  expect(adjusted?.arms[1]?.variance).toBeCloseTo((1 - 4 / 3 + 4 / 9) / 3, 12);
});

/** 4,000 people an arm, who visited before as often as given; those who did come again. */
function loyal(extra: number) {
  const arm = (key: string, control: boolean, more: number): ShareArm => ({
    key,
    weight: 1,
    control,
    n: 4_000,
    events: 1_000 + more,
    before: { sum: 1_000, sumOfSquares: 1_000, product: 900 },
  });
  return [arm('none', true, 0), arm('a', false, extra)];
}

const terms = { metric: 'visit', direction: 'increase', alpha: 0.05, minPerArm: 1_000 } as const;

test('a planned covariate decides by what is left, and finds what the plain test does not', () => {
  const plain = evaluateExperiment({ ...terms, arms: loyal(60) });
  const adjusted = evaluateExperiment({ ...terms, arms: loyal(60), cuped: true });
  expect(plain.decision.action).toBe('no-winner');
  expect(adjusted.decision).toMatchObject({ action: 'ship', arm: 'a' });
  const [comparison] = adjusted.comparisons;
  expect(comparison?.tests.map(({ name }) => name)).toEqual([
    'two-proportion-z',
    'chi-square',
    'welch-cuped',
  ]);
  expect(comparison?.p).toBe(comparison?.tests[2]?.p);
  expect(comparison?.difference).toBeCloseTo(60 / 4_000, 12);
  expect(adjusted.health.checks.find(({ name }) => name === 'covariate')?.words).toContain('takes out');
});

test('arms that had come to differ before are held alike', () => {
  const [none, a] = loyal(0);
  const ahead: ShareArm = { ...a!, events: 1_090, before: { sum: 1_100, sumOfSquares: 1_100, product: 990 } };
  const [comparison] = evaluateExperiment({ ...terms, arms: [none!, ahead], cuped: true }).comparisons;
  expect(comparison?.difference).toBeLessThan(0.002);
  expect(comparison?.pAdjusted).toBeGreaterThan(0.5);
});

const cell = (arm: string, persona: string, events: number): OutcomeCell => ({
  arm,
  persona,
  n: 2_000,
  events,
});
const inputs = (change: Partial<EvaluationInputs> = {}): EvaluationInputs => ({
  ...terms,
  windowSeconds: 100,
  cells: [cell('none', 'new', 200), cell('none', 'old', 400), cell('a', 'new', 210), cell('a', 'old', 520)],
  arms: [
    { key: 'none', weight: 1, control: true, n: 4_000, events: 600 },
    { key: 'a', weight: 1, n: 4_000, events: 730 },
  ],
  guardrails: [{ metric: 'unsubscribe', limit: 0.01, arms: [{ key: 'a', n: 3_900, events: 39 }] }],
  windows: [
    {
      share: 0.25,
      cells: [
        cell('none', 'new', 100),
        cell('none', 'old', 200),
        cell('a', 'new', 105),
        cell('a', 'old', 205),
      ],
    },
    {
      share: 0.5,
      cells: [
        cell('none', 'new', 150),
        cell('none', 'old', 300),
        cell('a', 'new', 160),
        cell('a', 'old', 400),
      ],
    },
  ],
  ...change,
});

test('thresholds, windows and exclusions that would turn the verdict are named', () => {
  const { decision, sensitivity = [] } = evaluateCampaign(inputs());
  expect(decision).toMatchObject({ action: 'ship', arm: 'a' });
  expect(sensitivity.map(({ what, action, turned }) => [what, action, turned])).toEqual([
    ['alpha 0.01', 'ship', false],
    ['alpha 0.1', 'ship', false],
    ['at least 500 people in each arm', 'ship', false],
    ['at least 2000 people in each arm', 'ship', false],
    ['within 25% of the window', 'no-winner', true],
    ['within 50% of the window', 'ship', false],
    ['without persona new', 'ship', false],
    ['without persona old', 'no-winner', true],
    ['guardrails half as wide', 'stop', true],
    ['guardrails twice as wide', 'ship', false],
  ]);
});

test('an early look has none, and a planned covariate is left out and told', () => {
  expect(evaluateCampaign(inputs({ look: 'early' })).sensitivity).toBeUndefined();
  const { sensitivity = [] } = evaluateCampaign(
    inputs({ arms: loyal(60), cuped: true, windows: [], guardrails: [], cells: [] }),
  );
  expect(sensitivity.find(({ what }) => what === 'without the covariate')).toMatchObject({
    action: 'no-winner',
    turned: true,
  });
});
