import fc from 'fast-check';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

const n = fc.oneof(
  fc.constantFrom(0, 1, 2, 1e8, 1e12),
  fc.constantFrom(2_000, 2_010),
  fc.integer({ min: 0, max: 5_000 }),
);
const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const counted = fc.tuple(n, share).map(([of, part]) => ({ n: of, some: Math.floor(of * part) }));
const amount = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 1e15, -1e15, 1e-300, 5e-324),
  fc.double({ min: -1e15, max: 1e15, noNaN: true }),
  fc.double({ min: -10, max: 10, noNaN: true }),
);
const KEYS = ['a', '__proto__', 'constructor', 'é "<b>"'];

const shares = counted.map(({ n: of, some }) => ({ n: of, successes: some }));
/** Arms as large as each other, so that something can be told. */
const alike = share.map((part) => ({ n: 2_000, successes: Math.floor(2_000 * part) }));
const values = fc
  .array(fc.record({ value: amount, before: amount }), { minLength: 1, maxLength: 40 })
  .map((people) => ({
    values: people.map(({ value }) => value),
    covariate: people.map(({ before }) => before),
  }));
const sums = fc.array(amount, { minLength: 0, maxLength: 40 }).map((all) => ({
  n: all.length,
  sum: all.reduce((sum, value) => sum + value, 0),
  sumOfSquares: all.reduce((sum, value) => sum + value * value, 0),
}));

const plan = fc.record({
  alpha: fc.constantFrom(1e-300, 0.05, 0.05, 0.5),
  power: fc.constantFrom(0.01, 0.8, 0.999),
  minPerArm: fc.constantFrom(1, 1_000),
  look: fc.constantFrom('early', 'final'),
  earlyLooks: fc.boolean(),
  cuped: fc.boolean(),
  bayes: fc.boolean(),
});

const body = fc
  .oneof(
    fc.array(shares, { minLength: 1, maxLength: 4 }),
    fc.array(alike, { minLength: 2, maxLength: 4 }),
    fc.array(values, { minLength: 1, maxLength: 4 }),
    fc.array(sums, { minLength: 1, maxLength: 4 }),
  )
  .chain((arms) =>
    fc.record({
      arms: fc.constant(arms.map((arm, i) => ({ key: KEYS[i], ...arm }))),
      plan,
      direction: fc.constantFrom('increase', 'decrease'),
      winsoriseAt: fc.constantFrom(undefined, 0.5, 0.99, 1),
      design: fc.record({ exposedTwice: fc.constantFrom(0, 0, 0, 1) }),
      guardrails: fc.array(
        fc.record({ limit: fc.constantFrom(1e-9, 0.005, 0.999), arm: counted, against: fc.boolean() }),
        { maxLength: 2 },
      ),
      worth: fc.constantFrom(undefined, { centsPerUnit: 0 }, { centsPerUnit: 1e15 }),
    }),
  )
  .map(({ guardrails, winsoriseAt, plan: terms, ...asked }) => ({
    ...asked,
    plan: { ...terms, ...(winsoriseAt === undefined ? {} : { winsoriseAt }) },
    guardrails: guardrails.map(({ limit, arm, against }, i) => ({
      metric: `g${i}`,
      limit,
      arms: asked.arms.map(({ key }) => ({ key, n: arm.n, events: arm.some })),
      ...(against ? { against: 'a' } : {}),
    })),
  }));

/** Every p and q in an answer, wherever it stands. */
function chances(answer: unknown, key = ''): unknown[] {
  if (/^(p|q)$|^(p|q)[A-Z]|P$/.test(key) && !/^(planned|perArm)/.test(key)) return [answer];
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.entries(answer).flatMap(([name, value]) => chances(value, name));
}

test('any numbers at all get a reading or a refusal that says where; no p is 0 or more than 1', async () => {
  const seen = { read: 0, shipped: 0 };
  await fc.assert(
    fc.asyncProperty(body, async (asked) => {
      const answer = await api.call('POST', '/v1/experiments/evaluate', { as: 'viewer', body: asked });
      expect([200, 400]).toContain(answer.statusCode);
      if (answer.statusCode === 400) {
        expect(answer.json()).toMatchObject({ code: 'invalid-request', faults: expect.anything() });
        return;
      }
      seen.read += 1;
      const { evaluation } = answer.json();
      for (const p of chances(evaluation)) {
        if (p === null) continue;
        expect(typeof p).toBe('number');
        expect(p).toBeGreaterThan(0);
        expect(p).toBeLessThanOrEqual(1);
      }
      const { health, decision, comparisons } = evaluation;
      if (health.verdict === 'fail') expect(['invalid', 'stop', 'review']).toContain(decision.action);
      if (decision.action !== 'ship') return;
      seen.shipped += 1;
      const won = comparisons.find((one: { arm: string }) => one.arm === decision.arm);
      expect(won).toMatchObject({ trusted: true });
      expect(won.pAdjusted).toBeLessThan(asked.plan.alpha);
      expect(Math.sign(won.difference)).toBe(asked.direction === 'increase' ? 1 : -1);
    }),
    { numRuns: 200 },
  );
  expect(seen.read).toBeGreaterThan(150);
  expect(seen.shipped).toBeGreaterThan(3);
});

/** Mostly what a plan may say, now and then what it may not. */
const some = (least: number, most: number, ...odd: readonly number[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(least, most) },
    { weight: 24, arbitrary: fc.double({ min: least, max: Math.min(most, 1_000), noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 5e-324, 1e300, ...odd) },
  );
const asked = fc.record({
  metric: fc.oneof(
    fc.record({ kind: fc.constant('share'), baseline: some(1e-9, 1 - 1e-9, 1 - 1e-16) }),
    fc.record({ kind: fc.constant('mean'), mean: some(-1e15, 1e15), sd: some(1e-9, 1e15) }),
  ),
  direction: fc.constantFrom('increase', 'decrease'),
  minimumEffect: fc.oneof(
    fc.record({ absolute: some(1e-9, 1e15) }),
    fc.record({ relative: some(1e-9, 1_000) }),
  ),
  arms: fc
    .array(some(1e-9, 1e6), { minLength: 2, maxLength: 4 })
    .map((weights) => weights.map((weight, i) => ({ key: KEYS[i], weight, control: i === 0 }))),
  alpha: some(1e-9, 0.5),
  power: some(0.01, 1 - 1e-9, 1 - 1e-16),
  earlyLooks: fc.constantFrom(0, 1, 1_000),
  people: fc.oneof(fc.constant(null), n),
  perDay: fc.oneof(fc.constant(null), some(1e-9, 1e15)),
  windowDays: fc.constantFrom(0, 14, 400),
});

test('any plan at all gets numbers or a refusal that says where', async () => {
  let planned = 0;
  await fc.assert(
    fc.asyncProperty(asked, async (given) => {
      const answer = await api.call('POST', '/v1/experiments/plan', { as: 'viewer', body: given });
      expect([200, 400]).toContain(answer.statusCode);
      if (answer.statusCode === 400) {
        expect(answer.json()).toMatchObject({ code: 'invalid-request', faults: expect.anything() });
        return;
      }
      planned += 1;
      const { needed, perArm, total, days, feasible, ways } = answer.json();
      for (const figure of [needed, perArm, total, days])
        if (figure !== null) expect(figure).toBeGreaterThanOrEqual(0);
      if (!feasible) expect(ways.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
  expect(planned).toBeGreaterThan(100);
});
