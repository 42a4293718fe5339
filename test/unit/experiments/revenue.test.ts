import fc from 'fast-check';
import { revenueEffects, type RevenueCell } from '../../../domain/experiments/revenue';
import { revenueLines, revenueNote } from '../../../domain/experiments/revenue-words';

const terms = { event: 'purchase', windowSeconds: 7 * 86_400, currency: 'EUR' };
const cell = (arm: string, values: readonly number[], costMicros = 0): RevenueCell => ({
  arm,
  n: values.length,
  sum: values.reduce((sum, x) => sum + x, 0),
  sumOfSquares: values.reduce((sum, x) => sum + x * x, 0),
  costMicros,
});
const arms = [{ key: 'none' }, { key: 'a' }];

test('what an arm brought beyond the reference is the difference a person, times its people', () => {
  const cells = [cell('none', [0, 10, 20, 10, 10]), cell('a', [10, 30, 20, 40], 40_000)];
  const { effects } = revenueEffects({ ...terms, cells }, arms, 'none', 0.05);
  expect(effects).toHaveLength(1);
  const [a] = effects;
  expect(a).toMatchObject({
    arm: 'a',
    against: 'none',
    n: 4,
    mean: 25,
    referenceMean: 10,
    revenue: 60,
    cost: 4,
  });
  expect(a?.roi).toBeCloseTo((60 - 4) / 4, 12);
  expect((a!.revenueCi[0] + a!.revenueCi[1]) / 2).toBeCloseTo(60, 9);
  expect(a?.roiCi?.[0]).toBeCloseTo((a!.revenueCi[0] - 4) / 4, 9);
});

test('an arm of which nothing can be told is left out, and so is what another currency would cost', () => {
  const cells = [cell('none', [0, 10]), cell('a', [5])];
  expect(revenueEffects({ ...terms, cells }, arms, 'none', 0.05).effects).toEqual([]);
  const dollars = { ...terms, currency: 'USD', cells: [cell('none', [0, 10]), cell('a', [5, 20], 90_000)] };
  expect(revenueEffects(dollars, arms, 'none', 0.05).effects).toMatchObject([
    { cost: 0, roi: null, roiCi: null },
  ]);
});

test('in words', () => {
  const cells = [
    { arm: 'none', n: 10_000, sum: 1_000_000, sumOfSquares: 4e9, costMicros: 0 },
    { arm: 'a', n: 10_000, sum: 1_300_000, sumOfSquares: 5e9, costMicros: 10_000 * 20_000 },
  ];
  const revenue = revenueEffects({ ...terms, cells }, arms, 'none', 0.05);
  expect(revenueNote(revenue)).toContain('by purchase within 7 days, in EUR');
  expect(revenueLines(revenue, 0.05, (arm) => arm.toUpperCase())).toEqual([
    expect.stringMatching(
      /^A: \+3,000\.00 EUR beyond NONE from 10,000 people \(95% interval \+[\d,.]+ EUR to \+[\d,.]+ EUR; p [^)]+\); 1\.30 EUR a person against 1\.00 EUR\. Its messages cost 200\.00 EUR more: 15\.0 back for each one spent \([\d.]+ to [\d.]+\)\.$/,
    ),
  ]);
});

test('no amounts make words that are none', () => {
  const values = fc.array(fc.integer({ min: 0, max: 1e9 }), { maxLength: 20 });
  fc.assert(
    fc.property(values, values, fc.nat(1e9), (none, a, cost) => {
      const cells = [cell('none', none), cell('a', a, cost)];
      const revenue = revenueEffects({ ...terms, cells }, arms, 'none', 0.05);
      for (const line of revenueLines(revenue, 0.05, (arm) => arm))
        expect(line).not.toMatch(/NaN|Infinity|undefined/);
    }),
  );
});
