import fc from 'fast-check';
import { evaluateExperiment } from '../../../domain/experiments/evaluate';
import type { ArmOutcome, ExperimentInput } from '../../../domain/experiments/evaluation';
import { heterogeneityP } from '../../../domain/experiments/heterogeneity';
import { randomFrom } from '../../../bench/random';
import published from './references/published.json';

const { hillstrom } = published;

const hillstromArms = (events: readonly number[]): ArmOutcome[] =>
  hillstrom.arms.map((key, i) => ({
    key,
    weight: hillstrom.weights[i] ?? 1,
    control: key === 'none',
    n: hillstrom.people[i] ?? 0,
    events: events[i] ?? 0,
  }));

const evaluate = (arms: readonly ArmOutcome[], more: Partial<ExperimentInput> = {}) =>
  evaluateExperiment({
    metric: 'visit',
    direction: 'increase',
    alpha: 0.05,
    minPerArm: 1_000,
    arms,
    ...more,
  });

describe('a finished test', () => {
  test('Hillstrom: ships Mens, with its interval and its lead over Womens', () => {
    const { health, arms, comparisons, amongWinners, decision } = evaluate(hillstromArms(hillstrom.visits));
    expect(health).toMatchObject({ verdict: 'ok' });
    expect(health.srmP).toBeCloseTo(hillstrom.sampleRatioP, 3);
    arms.forEach(({ rate }, i) => expect(rate * 100).toBeCloseTo(hillstrom.visitPercent[i] ?? NaN, 3));
    expect(comparisons.map((c) => c.arm)).toEqual(['mens', 'womens']);
    expect(comparisons[0]?.difference).toBeCloseTo(0.07659, 5);
    expect(comparisons[0]?.ci[0]).toBeCloseTo(0.06995, 5);
    expect(comparisons[0]?.ci[1]).toBeCloseTo(0.08323, 5);
    expect(amongWinners).toMatchObject([{ arm: 'mens', against: 'womens' }]);
    expect(amongWinners[0]?.difference).toBeCloseTo(0.03136, 5);
    expect(decision).toMatchObject({ action: 'ship', arm: 'mens' });
    expect(decision.reasons[0]).toBe(
      "mens wins: visit 18.28% against 10.62% in none, +7.66 points (95% interval +7.00 to +8.32, p 1.1e-111 after Holm's correction for 2 comparisons).",
    );
    expect(decision.reasons[1]).toBe(
      'womens beats none too, with 15.14%; mens is +3.14 points from it (95% interval +2.43 to +3.84, p 3.8e-18).',
    );
  });

  test('Hillstrom conversions: two winners', () => {
    const { decision, amongWinners } = evaluate(hillstromArms(hillstrom.conversions));
    expect(decision).toMatchObject({ action: 'ship', arm: 'mens' });
    expect(amongWinners[0]?.pAdjusted).toBeLessThan(0.05);
  });

  test('two winners too close to tell apart: the better rate, and it says so', () => {
    const { decision } = evaluate(hillstromArms([2_262, 3_894, 3_880]));
    expect(decision).toMatchObject({ action: 'ship', arm: 'mens' });
    expect(decision.reasons.join(' ')).toContain('too close to tell apart');
  });

  test('where less is better the sign turns', () => {
    const arms = hillstromArms([3_894, 2_262, 3_900]);
    expect(evaluate(arms, { direction: 'decrease' }).decision).toMatchObject({ action: 'ship', arm: 'mens' });
    expect(evaluate(arms).decision).toMatchObject({ action: 'no-winner', arm: null });
  });

  test('no difference: no winner, with what could have been found', () => {
    const { decision, detectable } = evaluate(hillstromArms([2_262, 2_270, 2_250]));
    expect(decision).toMatchObject({ action: 'no-winner', arm: null });
    expect(detectable).toBeGreaterThan(0);
    expect(decision.reasons.join(' ')).toMatch(
      /true difference of 0\.\d\d points or more would have been found/,
    );
  });

  test('a mismatch of the sample ratio suppresses a difference however clear', () => {
    const arms = hillstromArms(hillstrom.visits).map((arm) =>
      arm.key === 'mens' ? { ...arm, n: 20_000 } : arm,
    );
    const { decision, health } = evaluate(arms);
    expect(health.verdict).toBe('fail');
    expect(decision).toMatchObject({ action: 'invalid', arm: null });
    expect(decision.reasons[0]).toContain('Sample-ratio mismatch');
  });

  test('a mismatch among those dealt counts as well as one among those let through', () => {
    const arms = hillstromArms(hillstrom.visits).map((arm) => ({
      ...arm,
      assigned: arm.key === 'none' ? 30_000 : 21_400,
    }));
    const { decision, health } = evaluate(arms);
    expect(health.allowed.verdict).toBe('ok');
    expect(decision.action).toBe('invalid');
    expect(decision.reasons[0]).toContain('dealt to them (none 30000');
  });

  test.each<[number, string, string]>([
    [10_050, 'ok', 'ok'],
    [10_250, 'ok', 'fail'],
    [10_300, 'warn', 'fail'],
    [10_400, 'fail', 'fail'],
  ])('%i of 20,000 in one of two equal arms: %s at an early look, %s at the end', (n, early, final) => {
    const sized = [
      { key: 'a', weight: 1, control: true, n, events: 1_000 },
      { key: 'b', weight: 1, n: 20_000 - n, events: 1_000 },
    ];
    const dealt = sized.map((arm) => ({ ...arm, n: 10_000, assigned: arm.n }));
    for (const arms of [sized, dealt]) {
      const [first, last] = [evaluate(arms, { look: 'early', earlyLooks: true }), evaluate(arms)];
      const ratio = ({ health }: typeof first) => health.assigned ?? health.allowed;
      expect([ratio(first).verdict, ratio(last).verdict]).toEqual([early, final]);
      expect(first.decision.action === 'invalid').toBe(early === 'fail');
      const words = [...first.decision.reasons, ...first.health.checks.map((check) => check.words)].join(' ');
      expect(words).toContain('which holds at every look');
      expect(words).not.toContain('by chi-square');
      expect(last.health.checks[0]?.words).toContain('by chi-square');
    }
  });

  test('sizes off by less than what could change a verdict are no mismatch, early or late', () => {
    const arms = [
      { key: 'a', weight: 1, control: true, n: 50_040_000, events: 5_000_000 },
      { key: 'b', weight: 1, n: 49_960_000, events: 5_000_000 },
    ];
    for (const look of ['early', 'final'] as const) {
      const { health } = evaluate(arms, { look });
      expect(health.srmP).toBeLessThan(1e-10);
      expect(health.verdict).toBe('ok');
    }
  });

  test('too few people, or too few events to trust the test', () => {
    const small = evaluate([
      { key: 'a', weight: 1, control: true, n: 900, events: 10 },
      { key: 'b', weight: 1, n: 910, events: 100 },
    ]);
    expect(small.decision).toMatchObject({ action: 'no-winner' });
    expect(small.decision.reasons[0]).toContain('a has 900, b has 910, and each arm needs 1000');
    const rare = evaluate([
      { key: 'a', weight: 1, control: true, n: 2_000, events: 0 },
      { key: 'b', weight: 1, n: 2_000, events: 7 },
    ]);
    expect(rare.comparisons[0]?.p).toBeLessThan(0.05);
    expect(rare.decision.action).toBe('no-winner');
    expect(rare.decision.reasons.join(' ')).toContain('too few to judge');
  });

  test('without a control: the baseline, else the first arm, and it says which', () => {
    const arms = hillstromArms(hillstrom.visits).map((arm) => ({ ...arm, control: false }));
    const first = evaluate(arms);
    expect(first.reference).toEqual({ arm: 'none', role: 'first' });
    expect(first.decision.reasons.at(-1)).toContain('compared with the first one, none');
    const baseline = evaluate(arms.map((arm) => ({ ...arm, baseline: arm.key === 'womens' })));
    expect(baseline.reference).toEqual({ arm: 'womens', role: 'baseline' });
    expect(baseline.decision).toMatchObject({ action: 'ship', arm: 'mens' });
    expect(baseline.decision.reasons.at(-1)).toContain('compared with the baseline, womens');
  });

  test('one arm has nothing to be compared with; none at all is a fault', () => {
    const one = evaluate([{ key: 'a', weight: 1, n: 5_000, events: 10 }]);
    expect(one.decision).toMatchObject({ action: 'no-winner', arm: null });
    expect(one.detectable).toBeNull();
    expect(() => evaluate([])).toThrow('at least one arm');
  });
});

describe('properties of a decision', () => {
  const arm = fc
    .record({ n: fc.integer({ min: 0, max: 200_000 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ n, share }) => ({ n, events: Math.floor(n * share) }));
  const inputs = fc
    .tuple(
      fc.array(arm, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('increase' as const, 'decrease' as const),
    )
    .map(([counts, direction]) => ({
      direction,
      arms: counts.map((c, i) => ({ ...c, key: `arm-${i}`, weight: Math.max(1, c.n), control: i === 0 })),
    }));

  test('whoever ships has beaten the reference, in the right direction, with enough people', () => {
    fc.assert(
      fc.property(inputs, ({ arms, direction }) => {
        const result = evaluate(arms, { direction, minPerArm: 100 });
        const { decision, comparisons } = result;
        expect(decision.reasons.length).toBeGreaterThan(0);
        for (const c of [...comparisons, ...result.amongWinners]) {
          expect(c.p).toBeGreaterThan(0);
          expect(c.pAdjusted).toBeGreaterThanOrEqual(c.p);
          expect(c.pAdjusted).toBeLessThanOrEqual(1);
        }
        if (decision.action !== 'ship') return expect(decision.arm).toBeNull();
        const won = comparisons.find((c) => c.arm === decision.arm);
        expect(won?.pAdjusted).toBeLessThan(0.05);
        expect(Math.sign(won?.difference ?? 0)).toBe(direction === 'increase' ? 1 : -1);
        expect(Math.min(...arms.map((a) => a.n))).toBeGreaterThanOrEqual(100);
      }),
      { numRuns: 300 },
    );
  });

  test('the order in which the arms are listed changes no p and no decision', () => {
    fc.assert(
      fc.property(inputs, ({ arms, direction }) => {
        const one = evaluate(arms, { direction, minPerArm: 1 });
        const other = evaluate([...arms].reverse(), { direction, minPerArm: 1 });
        const ps = (r: typeof one) => Object.fromEntries(r.comparisons.map((c) => [c.arm, c.p]));
        expect(ps(other)).toEqual(ps(one));
        expect(other.decision.action).toBe(one.decision.action);
      }),
    );
  });

  test('A/A: of 2,000 tests without a difference about one in twenty finds one, and no more', () => {
    const random = randomFrom(20_261_122);
    const rounds = 2_000;
    let shipped = 0;
    let anyDifference = 0;
    for (let round = 0; round < rounds; round += 1) {
      const arms = ['none', 'a', 'b'].map((key) => ({
        key,
        weight: 1,
        control: key === 'none',
        n: 2_000,
        events: random.binomial(2_000, 0.1),
      }));
      const result = evaluate(arms);
      if (result.decision.action === 'ship') shipped += 1;
      if (result.comparisons.some((c) => c.pAdjusted < 0.05)) anyDifference += 1;
    }
    // Holm keeps the family below 5 %; only an increase ships, so about half of it.
    expect(anyDifference / rounds).toBeGreaterThan(0.03);
    expect(anyDifference / rounds).toBeLessThan(0.065);
    expect(shipped / rounds).toBeLessThan(0.04);
  });
});

describe('heterogeneity', () => {
  const stratum = (armEvents: number, referenceEvents: number, n = 5_000) => ({
    arm: { n, events: armEvents },
    reference: { n, events: referenceEvents },
  });

  test('the same difference everywhere is none; a reversed one is', () => {
    expect(heterogeneityP([stratum(600, 500), stratum(605, 500)])).toBeGreaterThan(0.5);
    expect(heterogeneityP([stratum(700, 500), stratum(400, 500)])).toBeLessThan(1e-6);
  });

  test('nothing to compare with fewer than two groups', () => {
    expect(heterogeneityP([stratum(600, 500)])).toBeNull();
    expect(
      heterogeneityP([stratum(600, 500), { arm: { n: 0, events: 0 }, reference: { n: 5, events: 1 } }]),
    ).toBeNull();
  });
});
