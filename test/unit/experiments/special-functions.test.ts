import fc from 'fast-check';
import { chiSquareTail } from '../../../domain/experiments/chi-square';
import { asP, formatP } from '../../../domain/experiments/p-value';
import { betaQuantile } from '../../../domain/experiments/special/beta-quantile';
import { erfc } from '../../../domain/experiments/special/erfc';
import { incompleteBeta } from '../../../domain/experiments/special/incomplete-beta';
import { incompleteGamma } from '../../../domain/experiments/special/incomplete-gamma';
import { normalQuantile } from '../../../domain/experiments/special/normal-quantile';
import { normalTail } from '../../../domain/experiments/special/normal-tail';
import references from './references/special-functions.json';

/** Relative distance; the absolute one near 0. */
const apart = (got: number, want: number): number =>
  Math.abs(got - want) / Math.max(Math.abs(want), Number.MIN_VALUE);

describe('special functions against 60-digit references', () => {
  test.each(references.incompleteBeta)('I_$x($a, $b)', ({ a, b, x, lower, upper }) => {
    const tolerance = Math.max(a, b) > 1e7 ? 1e-8 : 1e-12;
    const got = incompleteBeta(a, b, x);
    expect(apart(got.lower, lower)).toBeLessThan(tolerance);
    expect(apart(got.upper, upper)).toBeLessThan(tolerance);
  });

  test.each(references.incompleteGamma)('P and Q($a, $x)', ({ a, x, lower, upper }) => {
    const got = incompleteGamma(a, x);
    expect(apart(got.lower, lower)).toBeLessThan(1e-12);
    expect(apart(got.upper, upper)).toBeLessThan(1e-12);
  });

  test.each(references.normalTail)('normal tail at $z', ({ z, tail }) => {
    expect(apart(normalTail(z), tail)).toBeLessThan(1e-12);
  });

  test.each(references.normalQuantile)('normal quantile of $tail', ({ tail, z }) => {
    expect(apart(normalQuantile(tail), z)).toBeLessThan(1e-13);
  });

  test.each(references.chiSquare)('chi-square tail of $chi2 at $df', ({ chi2, df, p }) => {
    expect(apart(chiSquareTail(chi2, df), p)).toBeLessThan(1e-12);
  });

  test('the ends', () => {
    expect(incompleteBeta(2, 3, 0)).toEqual({ lower: 0, upper: 1 });
    expect(incompleteBeta(2, 3, 1)).toEqual({ lower: 1, upper: 0 });
    expect(incompleteGamma(2, Infinity)).toEqual({ lower: 1, upper: 0 });
    expect(normalQuantile(0)).toBe(Infinity);
    expect(normalQuantile(1)).toBe(-Infinity);
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(-0.1)).toBeNaN();
    expect(erfc(0)).toBe(1);
  });

  test('a tail beyond the smallest double is the smallest double, never 0', () => {
    expect(normalTail(60)).toBe(0);
    expect(asP(normalTail(60))).toBe(Number.MIN_VALUE);
    expect(chiSquareTail(1e9, 1)).toBeGreaterThan(0);
  });
});

describe('properties of the special functions', () => {
  const shape = fc.double({ min: 0.01, max: 1e6, noNaN: true });

  test('the two tails of the incomplete beta are shares that add up and mirror each other', () => {
    fc.assert(
      fc.property(shape, shape, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, x) => {
        const { lower, upper } = incompleteBeta(a, b, x);
        const mirrored = incompleteBeta(b, a, 1 - x, x);
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(upper).toBeGreaterThanOrEqual(0);
        expect(lower + upper).toBeCloseTo(1, 12);
        expect(mirrored.upper).toBeCloseTo(lower, 9);
      }),
    );
  });

  test('the normal quantile undoes the tail', () => {
    fc.assert(
      fc.property(fc.double({ min: -300, max: -0.31, noNaN: true }), (exponent) => {
        const tail = 10 ** exponent;
        expect(apart(normalTail(normalQuantile(tail)), tail)).toBeLessThan(1e-10);
      }),
    );
  });

  test('the beta quantile undoes the incomplete beta', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 100_000 }), (a, b) => {
        expect(incompleteBeta(a, b, betaQuantile(0.05, a, b)).lower).toBeCloseTo(0.05, 9);
      }),
      { numRuns: 50 },
    );
  });
});

describe('p-values for people', () => {
  test.each([
    [0, '<1e-300'],
    [Number.MIN_VALUE, '<1e-300'],
    [1e-300, '1.0e-300'],
    [1.82e-6, '1.8e-6'],
    [0.000999, '1.0e-3'],
    [0.042, '0.042'],
    [0.99999, '1'],
    [1, '1'],
  ])('%p reads %s', (p, words) => {
    expect(formatP(p)).toBe(words);
  });
});
