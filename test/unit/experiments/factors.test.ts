import fc from 'fast-check';
import { factorEffects, mantelHaenszelP, type FactorArm } from '../../../domain/experiments/factors';
import { twoProportionTest } from '../../../domain/experiments/two-proportions';

const arm = (factors: Record<string, string>, n: number, events: number): FactorArm => ({
  key: Object.values(factors).join('-'),
  factors,
  n,
  events,
});

test('by hand: a weighted difference, its variance and the test, over both visuals', () => {
  // Day: 30 of 100 against 20 of 100; night: 50 of 200 against 10 of 100.
  const { effects, crossed } = factorEffects(
    [
      arm({ message: 'short', visual: 'day' }, 100, 20),
      arm({ message: 'long', visual: 'day' }, 100, 30),
      arm({ message: 'short', visual: 'night' }, 100, 10),
      arm({ message: 'long', visual: 'night' }, 200, 50),
    ],
    0.05,
  );
  const long = effects.find(({ level }) => level === 'long');
  // Weights 100·100/200 = 50 and 200·100/300 = 200/3: (50·0.1 + 200/3·0.15) / (350/3) = 15/(350/3) = 9/70.
  expect(long?.difference).toBeCloseTo(9 / 70, 14);
  // 50²·(0.21/100 + 0.16/100) + (200/3)²·(0.1875/200 + 0.09/100) = 9.25 + 8.1666…
  const error = Math.sqrt(9.25 + (40_000 / 9) * (0.0009375 + 0.0009)) / (350 / 3);
  expect(long?.ci[0]).toBeCloseTo(9 / 70 - 1.959963984540054 * error, 12);
  expect(long?.ci[1]).toBeCloseTo(9 / 70 + 1.959963984540054 * error, 12);
  // (30 − 25) + (50 − 40) = 15 over 100·100·50·150/(200²·199) + 200·100·60·240/(300²·299).
  const z = 15 / Math.sqrt(75_000_000 / (40_000 * 199) + 288_000_000 / (90_000 * 299));
  expect(z).toBeCloseTo(3.34, 2);
  // Two-sided tail of the normal at 3.343…, by its published value: 2·(1 − Φ(3.34)) = 0.000838.
  expect(long?.p).toBeCloseTo(0.00083, 5);
  expect(long?.n).toBe(300);
  expect(long?.rate).toBeCloseTo(80 / 300, 14);
  expect(crossed).toBe(true);
});

test('uneven weights are not taken for an effect', () => {
  // The visual alone does something; most of the long messages have the one that works.
  const { effects } = factorEffects(
    [
      arm({ message: 'short', visual: 'day' }, 9_000, 900),
      arm({ message: 'long', visual: 'day' }, 1_000, 100),
      arm({ message: 'short', visual: 'night' }, 1_000, 300),
      arm({ message: 'long', visual: 'night' }, 9_000, 2_700),
    ],
    0.05,
  );
  const [message, visual] = effects;
  expect(message).toMatchObject({ factor: 'message', p: 1, pAdjusted: 1 });
  expect(message?.difference).toBeCloseTo(0, 12);
  expect(visual?.difference).toBeCloseTo(0.2, 12);
  expect(visual?.pAdjusted).toBeLessThan(1e-50);
});

test('a choice that was sent in no combination with the first one is not compared', () => {
  const { effects, crossed } = factorEffects(
    [
      arm({ message: 'short', visual: 'day' }, 100, 10),
      arm({ message: 'long', visual: 'night' }, 100, 30),
      arm({ message: 'short', visual: 'night' }, 100, 12),
    ],
    0.05,
  );
  expect(crossed).toBe(false);
  expect(effects.map(({ factor, difference }) => [factor, Number(difference.toFixed(12))])).toEqual([
    ['message', 0.18],
    ['visual', 0.02],
  ]);
  expect(
    factorEffects(
      [arm({ message: 'short', visual: 'day' }, 100, 10), arm({ message: 'long', visual: 'night' }, 100, 30)],
      0.05,
    ).effects,
  ).toEqual([]);
});

test('an effect that hangs on the other choice is said to', () => {
  const { effects } = factorEffects(
    [
      arm({ message: 'short', visual: 'day' }, 5_000, 500),
      arm({ message: 'long', visual: 'day' }, 5_000, 1_000),
      arm({ message: 'short', visual: 'night' }, 5_000, 1_000),
      arm({ message: 'long', visual: 'night' }, 5_000, 500),
    ],
    0.05,
  );
  expect(effects.every(({ differs }) => differs !== null && differs < 1e-20)).toBe(true);
});

test('with one factor the test is that of two shares, but for (n − 1)/n; never NaN, 0 or negative', () => {
  const count = fc
    .integer({ min: 0, max: 5_000 })
    .chain((n) => fc.integer({ min: 0, max: n }).map((events) => ({ n, events })));
  fc.assert(
    fc.property(count, count, (a, b) => {
      const p = mantelHaenszelP([{ arm: a, reference: b }]);
      expect(p).toBeGreaterThan(0);
      expect(p).toBeLessThanOrEqual(1);
      const n = a.n + b.n;
      if (n > 1_000) expect(Math.abs(p - twoProportionTest(a, b).p)).toBeLessThan(0.002);
      for (const { difference, ci } of factorEffects(
        [
          { key: 'a', factors: { x: '1' }, ...a },
          { key: 'b', factors: { x: '2' }, ...b },
        ],
        0.05,
      ).effects)
        expect([difference, ...ci].every(Number.isFinite)).toBe(true);
    }),
  );
});
