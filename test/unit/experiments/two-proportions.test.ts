import fc from 'fast-check';
import { judgeGuardrail, lowerBound } from '../../../domain/experiments/guardrail';
import { holm } from '../../../domain/experiments/holm';
import { sampleRatio } from '../../../domain/experiments/sample-ratio';
import { minimumDetectableEffect, sampleSizePerArm } from '../../../domain/experiments/sample-size';
import { newcombeInterval, twoProportionTest } from '../../../domain/experiments/two-proportions';
import { wilsonInterval } from '../../../domain/experiments/wilson';
import { randomFrom } from '../../../bench/random';
import published from './references/published.json';
import references from './references/proportions.json';

const near = (got: number, want: number, relative = 1e-10) =>
  expect(Math.abs(got - want)).toBeLessThanOrEqual(relative * Math.abs(want) + 1e-15);

describe('two proportions', () => {
  test.each(references.twoProportions)('$events of $n against $referenceEvents of $referenceN', (c) => {
    const arm = { events: c.events, n: c.n };
    const reference = { events: c.referenceEvents, n: c.referenceN };
    const { z, p } = twoProportionTest(arm, reference);
    near(z, c.z);
    near(p, c.p, 1e-9);
    newcombeInterval(arm, reference, 0.05).forEach((end, i) => near(end, c.newcombe95[i] ?? NaN, 1e-9));
  });

  test.each(published.newcombe.cases)('Newcombe 1998: $events of $n', (c) => {
    const interval = newcombeInterval(
      { events: c.events, n: c.n },
      { events: c.referenceEvents, n: c.referenceN },
      0.05,
    );
    interval.forEach((end, i) => expect(end).toBeCloseTo(c.interval[i] ?? NaN, 4));
  });

  test('as published: résumés and Cookie Cats', () => {
    const { people, callbacks } = published.resumes;
    const resumes = twoProportionTest(
      { n: people[0]!, events: callbacks[0]! },
      { n: people[1]!, events: callbacks[1]! },
    );
    expect(resumes.z).toBeCloseTo(published.resumes.z, 3);
    expect(resumes.p).toBeCloseTo(published.resumes.p, 7);
    const cats = published.cookieCats;
    const day = (retained: number[]) =>
      twoProportionTest(
        { n: cats.people[0]!, events: retained[0]! },
        { n: cats.people[1]!, events: retained[1]! },
      ).p;
    expect(day(cats.retained1)).toBeCloseTo(cats.p1, 3);
    expect(day(cats.retained7)).toBeCloseTo(cats.p7, 5);
  });

  const count = fc
    .tuple(fc.integer({ min: 0, max: 100_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([n, share]) => ({ n, events: Math.floor(n * share) }));
  const extreme = fc.oneof(
    count,
    fc.constantFrom(
      { n: 0, events: 0 },
      { n: 1, events: 0 },
      { n: 1, events: 1 },
      { n: 1e8, events: 0 },
      { n: 1e8, events: 1e8 },
    ),
  );

  test('p is never NaN, 0, negative or above 1, and the order of the arms only turns the sign', () => {
    fc.assert(
      fc.property(extreme, extreme, (a, b) => {
        const one = twoProportionTest(a, b);
        const other = twoProportionTest(b, a);
        expect(one.p).toBeGreaterThan(0);
        expect(one.p).toBeLessThanOrEqual(1);
        expect(other.p).toBe(one.p);
        expect(other.z + one.z).toBeCloseTo(0, 12);
      }),
      { numRuns: 500 },
    );
  });

  test('the interval holds the difference, stays within [-1, 1] and mirrors', () => {
    fc.assert(
      fc.property(extreme, extreme, (a, b) => {
        const [low, high] = newcombeInterval(a, b, 0.05);
        const difference = (a.n ? a.events / a.n : 0) - (b.n ? b.events / b.n : 0);
        expect(low).toBeLessThanOrEqual(difference + 1e-12);
        expect(high).toBeGreaterThanOrEqual(difference - 1e-12);
        expect(low).toBeGreaterThanOrEqual(-1);
        expect(high).toBeLessThanOrEqual(1);
        const [mirroredLow, mirroredHigh] = newcombeInterval(b, a, 0.05);
        expect(mirroredLow).toBeCloseTo(-high, 12);
        expect(mirroredHigh).toBeCloseTo(-low, 12);
      }),
      { numRuns: 500 },
    );
  });

  test('everything against nothing at 1e8 people is the smallest p there is', () => {
    const { p } = twoProportionTest({ n: 1e8, events: 1e8 - 1 }, { n: 1e8, events: 1 });
    expect(p).toBe(Number.MIN_VALUE);
  });
});

describe('one proportion', () => {
  test.each(references.oneProportion)('$events of $n', (c) => {
    wilsonInterval(c.events, c.n, 0.05).forEach((end, i) => near(end, c.wilson95[i] ?? NaN, 1e-9));
    near(lowerBound(c.events, c.n, 0.05), c.clopperPearsonLower95, 1e-9);
  });

  test('a guardrail is crossed by its bound, not by its rate', () => {
    const limit = 0.005;
    const judge = (events: number, n: number) => judgeGuardrail({ metric: 'unsubscribe', events, n, limit });
    expect(judge(8, 1_000)).toMatchObject({ rate: 0.008, crossed: false });
    expect(judge(12, 1_000)).toMatchObject({ rate: 0.012, crossed: true });
    // Far above the limit, but four events are anecdotes.
    expect(judge(4, 10)).toMatchObject({ crossed: false });
    expect(judge(5, 10)).toMatchObject({ crossed: true });
    expect(judge(0, 0)).toMatchObject({ rate: 0, lower95: 0, crossed: false });
  });

  test('the lower bound is below the rate and grows with the events', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, share) => {
          const events = Math.floor(n * share);
          const bound = lowerBound(events, n, 0.05);
          expect(bound).toBeGreaterThanOrEqual(0);
          expect(bound).toBeLessThanOrEqual(events / n);
          if (events > 0) expect(bound).toBeGreaterThan(lowerBound(events - 1, n, 0.05));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('several hypotheses', () => {
  test.each(references.holm)('Holm of $p', ({ p, adjusted }) => {
    holm(p).forEach((got, i) => near(got, adjusted[i] ?? NaN));
  });

  test('adjusting never lowers a p and keeps their order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 1e-300, max: 1, noNaN: true }), { maxLength: 9 }), (ps) => {
        const adjusted = holm(ps);
        ps.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          ps.forEach((other, j) => {
            if (p < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] ?? NaN);
          });
        });
      }),
    );
  });
});

describe('sample ratio', () => {
  test.each(references.sampleRatio)('$observed by $weights', ({ observed, weights, chi2, p }) => {
    const got = sampleRatio({ observed, weights });
    near(got.chi2, chi2, 1e-9);
    near(got.p ?? NaN, p, 1e-9);
  });

  test('fails below 0.001, warns below 0.01, is skipped where too few are expected', () => {
    const verdict = (observed: number[], weights: number[]) => sampleRatio({ observed, weights }).verdict;
    expect(verdict([821_588, 815_482], [1, 1])).toBe('fail');
    expect(verdict(published.cookieCats.people, [1, 1])).toBe('warn');
    expect(verdict(published.hillstrom.people, published.hillstrom.weights)).toBe('ok');
    expect(verdict([9, 0], [1, 1])).toBe('skipped');
    expect(verdict([5_000], [1])).toBe('skipped');
    expect(verdict([0, 0], [1, 1])).toBe('skipped');
    expect(verdict([1_000, 0], [1, 1])).toBe('fail');
  });

  test('a deviation too small to matter is no mismatch, however many people there are', () => {
    const { p, verdict } = sampleRatio({ observed: [50_040_000, 49_960_000], weights: [1, 1] });
    expect(p).toBeLessThan(0.001);
    expect(verdict).toBe('ok');
  });
});

describe('sample size', () => {
  test.each(references.sampleSize)('$p1 to $p2 at $alpha', ({ p1, p2, alpha, power, n }) => {
    near(sampleSizePerArm(p1, p2, { alpha, power }), n, 1e-9);
    const direction = p2 > p1 ? 'increase' : 'decrease';
    near(minimumDetectableEffect(p1, n, direction, { alpha, power }) ?? NaN, Math.abs(p2 - p1), 1e-9);
  });

  test('what a thousand people per arm can find', () => {
    // +246 % of a base rate of 0.57 %, +39 % of 10.6 %: a thousand people are not power by themselves.
    const test = { alpha: 0.05, power: 0.8 };
    expect((minimumDetectableEffect(0.0057, 1_000, 'increase', test) ?? NaN) / 0.0057).toBeCloseTo(2.46, 1);
    expect((minimumDetectableEffect(0.106, 1_000, 'increase', test) ?? NaN) / 0.106).toBeCloseTo(0.39, 1);
  });

  test('of 2,000 tests at the computed size four in five find the difference', () => {
    const random = randomFrom(7);
    const n = Math.ceil(sampleSizePerArm(0.1, 0.12, { alpha: 0.05, power: 0.8 }));
    let found = 0;
    for (let round = 0; round < 2_000; round += 1) {
      const reference = { n, events: random.binomial(n, 0.1) };
      const arm = { n, events: random.binomial(n, 0.12) };
      if (twoProportionTest(arm, reference).p < 0.05) found += 1;
    }
    expect(found / 2_000).toBeGreaterThan(0.775);
    expect(found / 2_000).toBeLessThan(0.825);
  });

  test('null where nothing can be found', () => {
    expect(minimumDetectableEffect(0.001, 100, 'decrease', { alpha: 0.05, power: 0.8 })).toBeNull();
    expect(minimumDetectableEffect(0, 100, 'decrease', { alpha: 0.05, power: 0.8 })).toBeNull();
    expect(minimumDetectableEffect(1, 100, 'increase', { alpha: 0.05, power: 0.8 })).toBeNull();
  });
});
