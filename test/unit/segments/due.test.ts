import fc from 'fast-check';
import { nextDue } from '../../../domain/segments/due';
import { matches } from '../../../domain/segments/predicate';
import { resolveRule } from '../../../domain/segments/resolve';
import { anyRule, MOMENTS, NOBODY, NOW, ruleFrom, subjectRound } from '../../support/rules';

const DAY_MS = 86_400_000;

test('until it is due, an answer stands', () => {
  let due = 0;
  let turned = 0;
  for (const moment of MOMENTS)
    fc.assert(
      fc.property(
        anyRule,
        subjectRound(moment),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
        (rule, subject, places) => {
          const from = moment.getTime();
          const now = matches(rule, subject, from);
          const next = nextDue(rule, subject, from);
          if (next !== null) {
            due += 1;
            expect(next).toBeGreaterThan(from);
            // What a clock keeps as a whole number of milliseconds would else come due before it is.
            expect(Number.isInteger(next)).toBe(true);
            if (matches(rule, subject, next) !== now) turned += 1;
          }
          // No further than 60 years: weights of interests run over some time after.
          const until = Math.min(next ?? from + 1_500 * DAY_MS, from + 22_000 * DAY_MS);
          // Just before it, soon, some time after, and round the hours at which days begin somewhere.
          const soon = [1, 2, 1_000, 3_600_000].map((ms) => Math.min(from + ms, until - 1));
          const later = places.map((x) => Math.floor(from + x * (until - 1 - from)));
          const hours = places.map((x) => {
            const hour = Math.ceil((from + x * Math.min(until - from, 3 * DAY_MS)) / 3_600_000) * 3_600_000;
            return Math.min(hour, until - 1);
          });
          for (const at of [until - 1, ...soon, ...later, ...hours])
            if (matches(rule, subject, at) !== now)
              throw new Error(`turned at ${new Date(at).toISOString()}`);
        },
      ),
      { numRuns: 500 },
    );
  // One that is never due, or never turns, would stand without telling anything.
  expect(due).toBeGreaterThan(400);
  expect(turned).toBeGreaterThan(100);
});

/** Dates that turn a clause within some weeks of 29 February, also such as no calendar has. */
const oddDay = fc
  .tuple(fc.constantFrom(0, 1, 2, 2, 2, 3, 4, 13), fc.constantFrom(0, 1, 2, 27, 28, 29, 30, 31, 32))
  .map((parts) => parts.map((n) => String(n).padStart(2, '0')).join('-'));
const oddDate = fc
  .tuple(
    fc.constantFrom(2028, 2028, 2027, 2010),
    oddDay,
    fc.constantFrom('', 'T10:00:00.000Z', 'T99:99:99.999Z'),
  )
  .map(([year, day, time]) => `${year}-${day}${time}`);
/** With the hours at which their days begin. */
const DAYS_BEGIN: Readonly<Record<string, readonly number[]>> = {
  'Europe/Paris': [22, 23],
  'Pacific/Noumea': [13],
  'Pacific/Honolulu': [10],
};
const zone = fc.constantFrom(...Object.keys(DAYS_BEGIN));
const timed = fc.oneof(
  fc.record({ date: fc.constant('on'), since: fc.record({ daysAgo: fc.nat(40) }), zone }),
  fc.record({ date: fc.constant('on'), before: fc.record({ daysAhead: fc.nat(40) }), zone }),
  fc.record({ date: fc.constant('on'), since: fc.record({ monthsAgo: fc.nat(14) }), zone }),
  fc.record({ age: fc.record({ atLeast: fc.constantFrom(0, 1, 18) }), of: fc.constant('on'), zone }),
  fc.record({ age: fc.record({ atMost: fc.constantFrom(0, 17) }), of: fc.constant('on'), zone }),
  fc.record({
    anniversary: fc.constant('on'),
    from: fc.nat(3),
    to: fc.integer({ min: 3, max: 9 }),
    leapDay: fc.constantFrom('feb-28', 'mar-1'),
    zone,
  }),
);

test('no midnight passes at which a date turns an answer unforeseen', () => {
  const foreseen = new Map<string, number>();
  fc.assert(
    fc.property(timed, oddDate, fc.integer({ min: -20, max: 5 }), (given, on, days) => {
      const rule = resolveRule(ruleFrom(given), { liveRules: new Map(), means: new Map() });
      const subject = { ...NOBODY, attributes: { on } };
      const from = Date.UTC(2028, 1, 29, 9) + days * DAY_MS;
      const before = matches(rule, subject, from);
      const next = nextDue(rule, subject, from) ?? Infinity;
      for (const midnight of midnights(from, 30, DAYS_BEGIN[given.zone] ?? [])) {
        if (midnight >= next) break;
        if (matches(rule, subject, midnight) !== before)
          throw new Error(`turned at ${new Date(midnight).toISOString()}`);
      }
      if (next !== Infinity && matches(rule, subject, next) !== before)
        for (const word of Object.keys(given)) foreseen.set(word, (foreseen.get(word) ?? 0) + 1);
    }),
    { numRuns: 500 },
  );
  for (const word of ['date', 'age', 'anniversary']) expect(foreseen.get(word)).toBeGreaterThan(0);
});

function* midnights(from: number, days: number, hours: readonly number[]): Generator<number> {
  const day = Math.floor(from / DAY_MS) * DAY_MS;
  for (let i = 0; i < days; i += 1)
    for (const hour of hours) {
      const at = day + i * DAY_MS + hour * 3_600_000;
      if (at > from) yield at;
    }
}

test.each([
  [
    '30 days without a purchase',
    { event: 'purchase', withinDays: 30, op: 'eq', value: 0 },
    '2026-12-20T08:00:00.000Z',
  ],
  ['a birthday of 18 years', { age: { atLeast: 18 } }, '2026-11-30T23:00:00.000Z'],
  ['a week before an anniversary', { anniversary: 'birth_date', from: 0, to: 7 }, '2026-11-23T23:00:00.000Z'],
  ['a consent that expires', { consent: 'promotion', channel: 'email' }, '2027-01-01T00:00:00.000Z'],
  [
    'three days after a visit to a shop',
    { date: 'shop_visit_on', since: { daysAgo: 3 } },
    '2026-11-24T23:00:00.000Z',
  ],
])('%s is known beforehand', (_, rule, due) => {
  const anne = {
    ...NOBODY,
    attributes: { birth_date: '2008-12-01', shop_visit_on: '2026-11-21' },
    events: [
      { type: 'purchase', atMs: Date.parse('2026-11-20T08:00:00.000Z'), valueCents: 1, properties: {} },
    ],
    consents: [
      { purpose: 'promotion', channel: 'email', granted: true, expiresAt: '2027-01-01T00:00:00.000Z' },
    ],
  };
  const resolved = resolveRule(ruleFrom(rule), { liveRules: new Map(), means: new Map() });
  const next = nextDue(resolved, anne, NOW.getTime());
  expect(next === null ? null : new Date(next).toISOString()).toBe(due);
  expect(matches(resolved, anne, next ?? 0)).not.toBe(matches(resolved, anne, NOW.getTime()));
});
