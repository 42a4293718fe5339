import fc from 'fast-check';
import {
  armAt,
  armBounds,
  dealStratified,
  type DealtArm,
  type Unit,
} from '../../../domain/experiments/assign';
import { assignmentHash } from '../../../store/assignment';

const hash = (id: string): number => assignmentHash('salt', id);
const armsOf = (weights: readonly number[]): DealtArm[] =>
  weights.map((weight, i) => ({ key: `arm ${i}`, weight }));

const weights = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0.01, max: 100, noNaN: true })),
  { minLength: 2, maxLength: 10 },
);
/** Shares of these are whole, or at least a hundredth of a person away from it. */
const wholeWeights = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 6 }),
  fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 2, maxLength: 10 }),
);
const people = fc
  .array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 200 })
  .map((strata) => strata.map((s, i): Unit => ({ id: `p${i}`, stratum: `s${s}` })));

/** How far the arm that is furthest from its weight is from it, in people. */
function furthest(
  units: readonly Unit[],
  arms: readonly DealtArm[],
  dealt: ReadonlyMap<string, string>,
): number {
  const total = arms.reduce((sum, arm) => sum + arm.weight, 0);
  return Math.max(
    ...arms.map(({ key, weight }) =>
      Math.abs(units.filter(({ id }) => dealt.get(id) === key).length - (units.length * weight) / total),
    ),
  );
}

test('every arm is less than a person from its weight in every stratum, and near it over all of them', () => {
  fc.assert(
    fc.property(fc.oneof(weights, wholeWeights), people, (given, units) => {
      const arms = armsOf(given);
      const dealt = dealStratified(units, arms, hash);
      expect(dealt.size).toBe(units.length);
      for (const stratum of new Set(units.map((unit) => unit.stratum)))
        expect(
          furthest(
            units.filter((unit) => unit.stratum === stratum),
            arms,
            dealt,
          ),
        ).toBeLessThan(given.every(Number.isInteger) ? 1 : 1 + 1e-9);
      expect(furthest(units, arms, dealt)).toBeLessThan(1.5);
    }),
    { numRuns: 1_000 },
  );
});

test('of equal weights no arm has two more than another, though every stratum is one person', () => {
  const arms = armsOf([1, 1, 1]);
  const units = Array.from({ length: 100 }, (_, i) => ({ id: `p${i}`, stratum: `s${i}` }));
  expect(furthest(units, arms, dealStratified(units, arms, hash))).toBeLessThan(1);
});

test('the order people come in changes nothing', () => {
  fc.assert(
    fc.property(weights, people, (given, units) => {
      const arms = armsOf(given);
      const reversed = dealStratified([...units].reverse(), arms, hash);
      expect(new Map(reversed)).toEqual(new Map(dealStratified(units, arms, hash)));
    }),
  );
});

test('who is gone from a stratum of many moves a handful of the others, not half of them', () => {
  const arms = armsOf([1, 2, 1]);
  const units = Array.from({ length: 4_000 }, (_, i) => ({ id: `p${i}`, stratum: `s${i % 4}` }));
  const before = dealStratified(units, arms, hash);
  const after = dealStratified(units.slice(1), arms, hash);
  expect([...after].filter(([id, arm]) => before.get(id) !== arm).length).toBeLessThan(12);
});

test('most of a large stratum are where their hash alone would have them', () => {
  const arms = armsOf([1, 2, 1]);
  const units = Array.from({ length: 4_000 }, (_, i) => ({ id: `p${i}` }));
  const dealt = dealStratified(units, arms, hash);
  expect(armBounds(arms)).toEqual([0.25, 0.75, 1]);
  expect(units.filter(({ id }) => dealt.get(id) !== armAt(hash(id), arms)).length).toBeLessThan(200);
});
