import fc from 'fast-check';
import { holdoutSchema } from '../../../domain/delivery/holdout';
import {
  drawSpans,
  holdoutLift,
  type Draw,
  type HoldoutTerms,
  type MonthCount,
  type SideCount,
} from '../../../domain/experiments/holdout-lift';
import { randomFrom } from '../../../bench/random';

const side = (n: number, reached: number): SideCount => ({ n, reached, sum: reached, sumOfSquares: reached });
const month = (name: string, draw: Draw, held: SideCount, others: SideCount): MonthCount => ({
  month: name,
  draw,
  held,
  others,
});
const draw = (salt: string, from: string, share = 0.1): Draw => ({ salt, share, from: new Date(from) });
const Q1 = draw('q1', '2026-01-01');
const Q2 = draw('q2', '2026-04-01');

test('one draw: who may be written to against who is held out, by hand', () => {
  const [first, second] = holdoutLift(
    [
      month('2026-01', Q1, side(1_000, 100), side(9_000, 1_080)),
      month('2026-02', Q1, side(1_000, 150), side(9_000, 1_800)),
    ],
    0.05,
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
      month('2026-03', Q1, side(1_000, 150), side(9_000, 1_800)),
      month('2026-04', Q2, side(2_000, 200), side(18_000, 1_980)),
    ],
    0.05,
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
  const [only] = holdoutLift([month('2026-01', Q1, held, others)], 0.05);
  expect(only?.verdict).toBe(verdict);
  expect([only?.difference, ...(only?.ci ?? []), ...(only?.ciEveryMonth ?? [])].every(Number.isFinite)).toBe(
    true,
  );
});

test('by one salt much the same people are held out again: their errors are added up as they are', () => {
  const months = (second: Draw) => [
    month('2026-03', Q1, side(1_000, 150), side(9_000, 1_800)),
    month('2026-04', second, side(1_000, 100), side(9_000, 1_080)),
  ];
  const reach = (second: Draw): number => {
    const { ci = [0, 0], difference = 0 } = holdoutLift(months(second), 0.05)[1] ?? {};
    return (ci[1] - difference) / 1.959963984540054;
  };
  const [held, others] = [
    [(0.15 * 0.85) / 999, (0.1 * 0.9) / 999],
    [(0.2 * 0.8) / 8_999, (0.12 * 0.88) / 8_999],
  ].map(([a = 0, b = 0]) => (Math.sqrt(a) + Math.sqrt(b)) ** 2 / 4);
  expect(reach({ ...Q1, from: Q2.from })).toBeCloseTo(Math.sqrt((held ?? 0) + (others ?? 0)), 12);
  expect(reach(Q2)).toBeLessThan(reach({ ...Q1, from: Q2.from }) * 0.75);
});

test('one draw has too many held out and the next too few: neither makes the other good', () => {
  const [, second] = holdoutLift(
    [
      month('2026-03', Q1, side(1_200, 180), side(8_800, 1_800)),
      month('2026-04', Q2, side(800, 100), side(9_200, 1_080)),
    ],
    0.05,
  );
  expect(second).toMatchObject({ held: { n: 2_000 }, others: { n: 18_000 }, verdict: 'not-valid' });
});

test('terms that change within a month are two draws of it, each against its own share, and one look', () => {
  const half = draw('q1', '2026-01-15', 0.5);
  const lifts = holdoutLift(
    [
      month('2026-01', Q1, side(1_000, 100), side(9_000, 990)),
      month('2026-01', half, side(5_000, 500), side(5_000, 550)),
      month('2026-02', half, side(5_000, 600), side(5_000, 700)),
    ],
    0.05,
  );
  expect(lifts.map(({ month: name, looks, incremental }) => [name, looks, Math.round(incremental)])).toEqual([
    ['2026-01', 1, 9_000 * 0.01 + 5_000 * 0.01],
    ['2026-02', 2, 9_000 * 0.01 + 5_000 * 0.02],
  ]);
  expect(lifts[1]?.sampleRatio.verdict).toBe('ok');
});

test('what holds at every month holds at this one: its interval has the ordinary one in it', () => {
  const sides = fc
    .integer({ min: 2, max: 5_000 })
    .chain((n) => fc.integer({ min: 0, max: n }).map((reached) => side(n, reached)));
  const draws = fc.array(fc.record({ held: sides, others: sides, anew: fc.boolean() }), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(draws, fc.double({ min: 0.001, max: 0.5, noNaN: true }), (counts, alpha) => {
      let began = 0;
      const months = counts.map(({ held, others, anew }, i) => {
        if (anew) began = i;
        return month(`m${i}`, { salt: `s${began}`, share: 0.2, from: new Date(began) }, held, others);
      });
      const lifts = holdoutLift(months, alpha);
      expect(lifts).toHaveLength(months.length);
      for (const { difference, ci, ciEveryMonth } of lifts) {
        expect(ciEveryMonth[0]).toBeLessThanOrEqual(ci[0]);
        expect(ci[0]).toBeLessThanOrEqual(difference);
        expect(difference).toBeLessThanOrEqual(ci[1]);
        expect(ci[1]).toBeLessThanOrEqual(ciEveryMonth[1]);
      }
    }),
  );
});

test('twelve months looked at, of a programme that does nothing, are fooled in at most 5 % of companies', () => {
  const random = randomFrom(20_260_901);
  const RUNS = 1_000;
  const always = draw('always', '2026-01-01', 0.2);
  let fooled = 0;
  for (let run = 0; run < RUNS; run += 1) {
    // Each of 2,000 people buys in a month with probability 0.06 for the first time: their figure only grows.
    const alive = { held: 400, others: 1_600 };
    const bought = { held: 0, others: 0 };
    const months = Array.from({ length: 12 }, (_, i) => {
      for (const one of ['held', 'others'] as const) {
        bought[one] += random.binomial(alive[one] - bought[one], 0.06);
      }
      return month(`m${i}`, always, side(alive.held, bought.held), side(alive.others, bought.others));
    });
    if (holdoutLift(months, 0.05).some(({ verdict }) => verdict === 'lift' || verdict === 'loss'))
      fooled += 1;
  }
  expect(fooled / RUNS).toBeLessThan(0.05);
  expect(fooled).toBeGreaterThan(0);
});

describe('months of a holdout', () => {
  const policy = (change: object) =>
    holdoutSchema.parse({ share: 0.1, start: '2026-01-01', period: 'quarter', ...change });
  const always = (change: object): HoldoutTerms[] => [
    { since: new Date('2020-01-01T00:00:00Z'), policy: policy(change) },
  ];
  const named = (change: object, now: string) =>
    drawSpans('all', always(change), new Date(now)).map(({ salt, months }) => [
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
      always({ start: '2026-01-20', market: 'GB' }),
      new Date('2026-03-02T00:00:00Z'),
    );
    expect(span?.from.toISOString()).toBe('2026-01-20T00:00:00.000Z');
    expect(span?.months.map(({ until }) => until.toISOString())).toEqual([
      '2026-02-01T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
  });

  const NONE = policy({ period: 'none' });
  const since = (at: string, terms: HoldoutTerms['policy']): HoldoutTerms => ({
    since: new Date(at),
    policy: terms,
  });
  const told = (history: HoldoutTerms[], now: string) =>
    drawSpans('all', history, new Date(now)).map(({ from, share, months }) => [
      from.toISOString(),
      share,
      ...months.map(({ name, until }) => `${name} until ${until.toISOString()}`),
    ]);

  test('each by the terms of its time; nobody was held out before anybody had said so', () => {
    const history = [
      since('2026-01-10T12:00:00Z', NONE),
      since('2026-02-10T12:00:00Z', { ...NONE, share: 0.2 }),
      // An earlier first day is no other draw.
      since('2026-02-20T12:00:00Z', { ...NONE, share: 0.2, start: '2026-01-02' }),
      since('2026-03-05T12:00:00Z', null),
      since('2026-04-10T12:00:00Z', { ...NONE, share: 0.2 }),
    ];
    const first = [
      '2026-01-10T12:00:00.000Z',
      0.1,
      '2026-01 until 2026-01-31T23:00:00.000Z',
      '2026-02 until 2026-02-10T12:00:00.000Z',
    ];
    const second = [
      '2026-02-10T12:00:00.000Z',
      0.2,
      '2026-02 until 2026-02-28T23:00:00.000Z',
      '2026-03 until 2026-03-05T12:00:00.000Z',
    ];
    const third = ['2026-04-10T12:00:00.000Z', 0.2, '2026-04 until 2026-04-30T22:00:00.000Z'];
    expect(told(history, '2026-05-02T00:00:00Z')).toEqual([first, second, third]);
    // A month that is not over is not looked at, also what of it a change has ended.
    expect(told(history.slice(0, 2), '2026-02-15T00:00:00Z')).toEqual([first.slice(0, 3)]);
  });

  test('somebody who corrects themselves within a day has made no draw', () => {
    const history = [
      since('2026-01-10T12:00:00Z', { ...NONE, share: 0.5 }),
      since('2026-01-10T12:05:00Z', NONE),
    ];
    expect(told(history, '2026-02-02T00:00:00Z')).toEqual([
      ['2026-01-10T12:05:00.000Z', 0.1, '2026-01 until 2026-01-31T23:00:00.000Z'],
    ]);
  });
});
