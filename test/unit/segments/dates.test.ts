import fc from 'fast-check';
import { anniversaryDays, birthBounds, dateBounds } from '../../../domain/segments/day-bounds';
import { matches } from '../../../domain/segments/predicate';
import { REGIONS } from '../../../domain/segments/regions';
import { NOBODY } from '../../support/rules';

const DAY_MS = 86_400_000;
const utc = 'UTC';
const isLeap = (year: number): boolean => new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;
const date = fc
  .date({ min: new Date('1996-01-01'), max: new Date('2032-12-31'), noInvalidDate: true })
  .map((at) => new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS));
const leapDays = fc.constantFrom('2000-02-29', '2028-02-29').map((day) => new Date(day));

test('the next anniversary lies as many days ahead as a calendar says', () => {
  fc.assert(
    fc.property(
      fc.oneof(date, leapDays),
      fc.oneof(date, leapDays),
      fc.constantFrom('feb-28' as const, 'mar-1' as const),
      fc.tuple(fc.nat(364), fc.nat(364)),
      (of, today, leapDay, [a, b]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const inYear = (year: number): number =>
          of.getUTCMonth() === 1 && of.getUTCDate() === 29 && !isLeap(year)
            ? Date.UTC(year, leapDay === 'feb-28' ? 1 : 2, leapDay === 'feb-28' ? 28 : 1)
            : Date.UTC(year, of.getUTCMonth(), of.getUTCDate());
        const years = [0, 1].map((n) => inYear(today.getUTCFullYear() + n));
        const next = years.find((at) => at >= today.getTime()) ?? NaN;
        const ahead = (next - today.getTime()) / DAY_MS;
        const days = anniversaryDays({ anniversary: 'on', from, to, leapDay, zone: utc }, today.getTime());
        expect(days.includes(of.toISOString().slice(5, 10))).toBe(from <= ahead && ahead <= to);
      },
    ),
    { numRuns: 1_000 },
  );
});

test.each([
  ['2000-02-29', '2018-02-28T12:00:00Z', false],
  ['2000-02-29', '2018-03-01T12:00:00Z', true],
  ['2000-02-29', '2020-02-28T23:30:00Z', true],
  ['2008-11-22', '2026-11-21T22:59:59.999Z', false],
  // Midnight in Paris, where it is an hour earlier than at Greenwich.
  ['2008-11-22', '2026-11-21T23:00:00.000Z', true],
  ['2027-01-01', '2026-11-21T23:00:00.000Z', false],
])('somebody of %s is of age on %s: %s', (born, at, expected) => {
  const rule = { age: { atLeast: 18 }, of: 'birth_date', zone: 'Europe/Paris' };
  expect(matches(rule, { ...NOBODY, attributes: { birth_date: born } }, Date.parse(at))).toBe(expected);
});

test('who is not born yet has no age', () => {
  expect(
    birthBounds({ age: { atMost: 17 }, of: 'b', zone: utc }, Date.parse('2026-11-22T00:00:00Z')),
  ).toEqual({
    latest: '2026-11-22',
    after: '2008-11-22',
  });
});

test.each([
  // Clocks go forward at midnight there: the 6th starts at 01:00.
  [{ daysAgo: 0 }, 'America/Santiago', '2026-09-06T12:00:00Z', '2026-09-06', '2026-09-06T04:00:00.000Z'],
  [{ daysAgo: 1 }, 'America/Santiago', '2026-09-06T12:00:00Z', '2026-09-05', '2026-09-05T04:00:00.000Z'],
  // Clocks go back at one to midnight there: the first of two midnights starts the day.
  [{ daysAgo: 0 }, 'America/Havana', '2026-11-01T05:30:00Z', '2026-11-01', '2026-11-01T04:00:00.000Z'],
  [{ monthsAgo: 1 }, 'Europe/Paris', '2026-03-31T12:00:00Z', '2026-02-28', '2026-02-27T23:00:00.000Z'],
  [
    '2026-11-22T00:00:00+01:00',
    'Europe/Paris',
    '2026-11-22T12:00:00Z',
    '2026-11-22',
    '2026-11-21T23:00:00.000Z',
  ],
  // Within a day: the next day is the first that does not start before it.
  ['2026-11-22T08:00:00Z', 'Europe/Paris', '2026-11-22T12:00:00Z', '2026-11-23', '2026-11-22T08:00:00.000Z'],
])('%j in %s as of %s', (since, zone, asOf, day, instant) => {
  expect(dateBounds({ date: 'on', since, zone }, Date.parse(asOf)).since).toEqual({ day, instant });
});

test('every département lies in one region, 18 of them', () => {
  const areas = Object.values(REGIONS).flatMap((region) => region.areas);
  const metropolitan = Array.from({ length: 95 }, (_, i) => String(i + 1).padStart(2, '0'));
  const all = [
    ...metropolitan.filter((code) => code !== '20'),
    '2A',
    '2B',
    '971',
    '972',
    '973',
    '974',
    '976',
  ];
  expect(Object.keys(REGIONS)).toHaveLength(18);
  expect([...areas].sort()).toEqual(all.sort());
});
