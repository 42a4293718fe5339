import { holdoutSchema } from '../../../domain/delivery/holdout';
import {
  drawSpans,
  holdoutLift,
  type MonthCount,
  type SideCount,
} from '../../../domain/experiments/holdout-lift';
import { randomFrom } from '../../../bench/random';

const side = (n: number, reached: number): SideCount => ({ n, reached, sum: reached, sumOfSquares: reached });
const month = (name: string, draw: string, held: SideCount, others: SideCount): MonthCount => ({
  month: name,
  draw,
  held,
  others,
});
const terms = { alpha: 0.05, share: 0.1 };

test('one draw: who may be written to against who is held out, by hand', () => {
  const [first, second] = holdoutLift(
    [
      month('2026-01', 'q1', side(1_000, 100), side(9_000, 1_080)),
      month('2026-02', 'q1', side(1_000, 150), side(9_000, 1_800)),
    ],
    terms,
  );
  expect(first?.difference).toBeCloseTo(0.02, 14);
  const error = Math.sqrt((0.1 * 0.9) / 999 + (0.12 * 0.88) / 8_999);
  // 2.241402727604947: two-sided 2.5 %, which is alpha / (1 · 2).
  expect(first?.ci[0]).toBeCloseTo(0.02 - 1.959963984540054 * error, 12);
  expect(first?.ciEveryMonth[0]).toBeCloseTo(0.02 - 2.241402727604947 * error, 12);
  expect(first).toMatchObject({ looks: 1, verdict: 'not-shown', held: { n: 1_000 }, others: { n: 9_000 } });
  // The same people, who have gone on: nobody is counted twice.
  expect(second).toMatchObject({
    looks: 2,
    verdict: 'lift',
    held: { n: 1_000, mean: 0.15 },
    others: { n: 9_000 },
  });
  expect(second?.incremental).toBeCloseTo(450, 9);
  expect(second?.relative?.lift).toBeCloseTo(0.05 / 0.15, 12);
});

test('another draw is another stratum: differences are added up by who may be written to', () => {
  const [, second] = holdoutLift(
    [
      month('2026-03', 'q1', side(1_000, 150), side(9_000, 1_800)),
      month('2026-04', 'q2', side(2_000, 200), side(18_000, 1_980)),
    ],
    terms,
  );
  expect(second?.incremental).toBeCloseTo(9_000 * 0.05 + 18_000 * 0.01, 9);
  expect(second?.difference).toBeCloseTo(630 / 27_000, 14);
  const variance =
    (1 / 3) ** 2 * ((0.15 * 0.85) / 999 + (0.2 * 0.8) / 8_999) +
    (2 / 3) ** 2 * ((0.1 * 0.9) / 1_999 + (0.11 * 0.89) / 17_999);
  expect(second?.ci[1]).toBeCloseTo(630 / 27_000 + 1.959963984540054 * Math.sqrt(variance), 12);
});

test.each<[string, SideCount, SideCount, string]>([
  ['a loss', side(1_000, 200), side(9_000, 900), 'loss'],
  ['too few had the event', side(1_000, 9), side(9_000, 900), 'too-few'],
  ['too few people', side(4, 4), side(36, 30), 'too-few'],
  ['another share than was to be drawn', side(1_200, 240), side(8_800, 880), 'not-valid'],
  ['nobody', side(0, 0), side(0, 0), 'too-few'],
])('%s', (_, held, others, verdict) => {
  const [only] = holdoutLift([month('2026-01', 'q1', held, others)], terms);
  expect(only?.verdict).toBe(verdict);
  expect([only?.difference, ...(only?.ci ?? []), ...(only?.ciEveryMonth ?? [])].every(Number.isFinite)).toBe(
    true,
  );
});

test('twelve months looked at, of a programme that does nothing, are fooled in at most 5 % of companies', () => {
  const random = randomFrom(20_260_901);
  const RUNS = 1_000;
  let fooled = 0;
  for (let run = 0; run < RUNS; run += 1) {
    // Each of 2,000 people buys in a month with probability 0.06 for the first time: their figure only grows.
    const alive = { held: 400, others: 1_600 };
    const bought = { held: 0, others: 0 };
    const months = Array.from({ length: 12 }, (_, i) => {
      for (const one of ['held', 'others'] as const) {
        bought[one] += random.binomial(alive[one] - bought[one], 0.06);
      }
      return month(`m${i}`, 'always', side(alive.held, bought.held), side(alive.others, bought.others));
    });
    if (
      holdoutLift(months, { alpha: 0.05, share: 0.2 }).some(
        ({ verdict }) => verdict === 'lift' || verdict === 'loss',
      )
    )
      fooled += 1;
  }
  expect(fooled / RUNS).toBeLessThan(0.05);
  expect(fooled).toBeGreaterThan(0);
});

describe('months of a holdout', () => {
  const policy = (change: object) =>
    holdoutSchema.parse({ share: 0.1, start: '2026-01-01', period: 'quarter', ...change });
  const named = (change: object, now: string) =>
    drawSpans('all', policy(change), new Date(now)).map(({ salt, months }) => [
      salt,
      months.map(({ name }) => name),
    ]);

  test('only those that are over, each in its draw', () => {
    expect(named({}, '2026-05-15T00:00:00Z')).toEqual([
      ['holdout.all.2026-Q1', ['2026-01', '2026-02', '2026-03']],
      ['holdout.all.2026-Q2', ['2026-04']],
    ]);
    expect(named({ period: 'none' }, '2026-03-31T21:59:00Z')).toEqual([
      ['holdout.all.always', ['2026-01', '2026-02']],
    ]);
    // Midnight in Paris.
    expect(named({ period: 'none' }, '2026-03-31T22:00:00Z')).toEqual([
      ['holdout.all.always', ['2026-01', '2026-02', '2026-03']],
    ]);
    expect(named({ start: '2026-12-01' }, '2026-05-15T00:00:00Z')).toEqual([]);
  });

  test('one that begins in mid-month has a first month that is shorter, in the market’s own time', () => {
    const [span] = drawSpans(
      'all',
      policy({ start: '2026-01-20', market: 'GB' }),
      new Date('2026-03-02T00:00:00Z'),
    );
    expect(span?.from.toISOString()).toBe('2026-01-20T00:00:00.000Z');
    expect(span?.months.map(({ until }) => until.toISOString())).toEqual([
      '2026-02-01T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
  });
});
