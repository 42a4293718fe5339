import fc from 'fast-check';
import { interestWeight } from '../../domain/segments/interest';
import { readRule } from '../../domain/segments/read-rule';
import { resolveRule } from '../../domain/segments/resolve';
import type { ResolvedRule, Rule } from '../../domain/segments/rule';
import type { RuleSubject } from '../../domain/segments/subject';

/** Rules of every kind and people of every kind, round a moment: what lies on a bound lies exactly on it. */
export const NOW = new Date('2026-11-22T12:00:00.000Z');
/** Leap days and the ends of months and years; clocks that change, in Santiago, Havana and Cairo at midnight. */
export const MOMENTS = [
  NOW,
  ...[
    '2028-02-29T12:00:00.000Z',
    '2027-02-28T22:59:59.999Z',
    '2026-12-31T23:00:00.000Z',
    '2026-03-29T00:30:00.000Z',
    '2026-10-25T00:30:00.000Z',
    '2026-09-06T04:00:00.000Z',
    '2026-11-01T04:30:00.000Z',
    '2026-11-01T05:30:00.000Z',
    '2026-04-24T01:00:00.000Z',
    '2026-05-31T10:00:00.000Z',
  ].map((at) => new Date(at)),
];

const NAMES = [
  'age',
  'tier',
  'newbie',
  'mixed',
  'area',
  'market',
  'locale',
  'absent',
  'state',
  'orders',
] as const;

/** Days and instants round a moment, its anniversaries and birthdays. */
function datesRound(now: Date): string[] {
  const instants = [0, -1, 1, -86_400_000, 86_400_000, -30 * 86_400_000].map((ms) =>
    new Date(now.getTime() + ms).toISOString(),
  );
  const days = instants.map((at) => at.slice(0, 10));
  const yearsBefore = (years: number) =>
    days.map((day) => `${Number(day.slice(0, 4)) - years}${day.slice(4)}`);
  return [...instants, ...days, ...yearsBefore(1), ...yearsBefore(18), ...yearsBefore(26)];
}
/** A leap day, months that end early, and what only looks like a date. */
const DATES = [
  '2026-11-21T23:00:00.000Z',
  '2026-11-21T22:59:59.999Z',
  '2026-11-22T12:00:00Z',
  '2000-02-29',
  '2008-01-31',
  '2001-02-28',
  '1990-12-01T08:00:00.000Z',
  '2026-02-31',
  '2026-11-31T25:00:00.000Z',
  '2008-13-05',
  '2008-00-10',
  '2026-12-00',
  '0000-00-00',
  '9999-12-31',
  '22/11/2026',
  '2026-11-22x',
] as const;
const TEXTS = [
  '',
  'a',
  'A',
  'b',
  'ab',
  'é',
  'z',
  '10',
  '9',
  'true',
  'FR',
  '75',
  '2A',
  '\uffee',
  '\u{1f600}',
  "o'b",
  '\\x',
  '"',
  ...DATES,
];
/** In PostgreSQL `\\d` may mean these too, in JavaScript it never does. */
const OTHER_DIGITS = '\u0661\u0669\u0669\u0660-\u0661\u0661-\u0662\u0662';
const NUMBERS = [0, -0, 1, -1, 1.0, 10, 9, 0.1, 0.30000000000000004, 1e21, -1e-7, 2 ** 53, 5e-324];
const textRound = (now: Date) => fc.constantFrom(...TEXTS, OTHER_DIGITS, ...datesRound(now));
const text = fc.constantFrom(...TEXTS);
const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.double({ noNaN: true, noDefaultInfinity: true }));
const scalar = fc.oneof(text, number, fc.boolean());
const op = fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte');

export function ruleFrom(given: unknown): Rule {
  const answer = readRule(given);
  if (!answer.ok) throw new Error(JSON.stringify({ given, faults: answer.faults }));
  return answer.rule;
}

const ordering = fc.constantFrom('lt', 'lte', 'gt', 'gte');
const where = fc.array(
  fc.oneof(
    fc.record({ property: fc.constantFrom('category', 'n', 'none'), op, value: scalar }),
    fc.record({
      property: fc.constantFrom('category', 'n'),
      in: fc.array(scalar, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ property: fc.constantFrom('category', 'none'), exists: fc.boolean() }),
  ),
  { minLength: 1, maxLength: 2 },
);
const moment = fc.oneof(
  fc.record({ daysAgo: fc.constantFrom(0, 1, 30, 365, 36_500) }),
  fc.record({ daysAhead: fc.constantFrom(0, 1, 7) }),
  fc.record({ monthsAgo: fc.constantFrom(0, 1, 9, 216) }),
  fc.constantFrom(
    '2026-11-22',
    '2000-01-01',
    '0001-01-01',
    '9998-12-31T23:59:59.999-10:00',
    '2026-11-22T12:00:00.000Z',
    '2026-11-22T00:00:00+01:00',
  ),
);
const zone = fc.constantFrom(
  'Europe/Paris',
  'Pacific/Noumea',
  'America/Guadeloupe',
  'America/Santiago',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Kathmandu',
);
const leaf = fc.oneof(
  fc.record({ attribute: fc.constantFrom(...NAMES), op, value: scalar }),
  fc.record({ attribute: fc.constantFrom(...NAMES), in: fc.array(scalar, { minLength: 1, maxLength: 4 }) }),
  fc.record({ attribute: fc.constantFrom(...NAMES), exists: fc.boolean() }),
  fc.record({
    attribute: fc.constantFrom(...NAMES),
    op: fc.constantFrom('starts-with', 'contains'),
    value: text.filter((t) => t !== ''),
  }),
  fc.record({
    attribute: fc.constantFrom('age', 'orders'),
    op: ordering,
    times: fc.constantFrom(0.5, 2),
    meanOf: fc.constantFrom('others', 'unmeasured'),
  }),
  fc
    .record(
      { date: fc.constantFrom('tier', 'mixed', 'area', 'state'), since: moment, before: moment, zone },
      { requiredKeys: ['date', 'zone'] },
    )
    .filter((r) => r.since !== undefined || r.before !== undefined),
  fc.record({
    age: fc.record({ atLeast: fc.constantFrom(0, 18, 26) }),
    of: fc.constantFrom('tier', 'mixed'),
    zone,
  }),
  fc.record({
    age: fc.record({ atMost: fc.constantFrom(0, 17, 36, 150) }),
    of: fc.constantFrom('tier', 'mixed'),
    zone,
  }),
  fc.record({
    age: fc.record({ atLeast: fc.constantFrom(0, 18), atMost: fc.constantFrom(17, 18, 25) }),
    of: fc.constantFrom('tier', 'mixed'),
    zone,
  }),
  fc
    .record({
      anniversary: fc.constantFrom('tier', 'mixed'),
      from: fc.constantFrom(0, 1, 60),
      to: fc.constantFrom(0, 7, 98, 364),
      leapDay: fc.constantFrom('feb-28', 'mar-1'),
      zone,
    })
    .filter((r) => r.from <= r.to),
  fc.record(
    {
      event: fc.constantFrom('purchase', 'visit', 'never'),
      where,
      withinDays: fc.constantFrom(1, 0.5, 30, 3_650, 0.001, 1 / 3, 0.123456789),
      measure: fc.constantFrom('count', 'sum-cents'),
      op,
      value: fc.constantFrom(-1, 0, 1, 2, 3, 500, 1_000.5),
    },
    { requiredKeys: ['event', 'measure', 'op', 'value'] },
  ),
  fc.record(
    {
      event: fc.constantFrom('purchase', 'visit'),
      where,
      withinDays: fc.constantFrom(1, 29.5, 30, 0.001, 1 / 3),
      usualDays: fc.constantFrom(1, 7, 365),
      measure: fc.constantFrom('count', 'sum-cents'),
      op: ordering,
      times: fc.constantFrom(0.001, 0.1, 0.5, 1, 3),
    },
    { requiredKeys: ['event', 'withinDays', 'usualDays', 'measure', 'op', 'times'] },
  ),
  fc.record({
    consent: fc.constantFrom('promotion', 'newsletter'),
    channel: fc.constantFrom('email', 'sms'),
    granted: fc.boolean(),
  }),
  fc.record({
    interest: fc.constantFrom('lamps', 'rugs', 'none'),
    op: ordering,
    value: fc.constantFrom(0, 1, 2.5, 5e-324, 1_000_000),
  }),
  fc.record({ regions: fc.constantFrom(['11'], ['94', '24'], ['01']) }),
  fc.record({ reachable: fc.constantFrom('email', 'sms', 'letter', 'push', 'in-app', 'e-letter') }),
  fc.constantFrom({ segment: 'regulars' }, { segment: 'others' }),
  fc.constant({ everyone: true }),
);
const SURROUNDINGS = {
  liveRules: new Map([
    ['regulars', ruleFrom({ all: [{ segment: 'others' }, { event: 'visit', op: 'gte', value: 1 }] })],
    ['others', ruleFrom({ any: [{ regions: ['11'] }, { consent: 'promotion', channel: 'email' }] })],
  ]),
  means: new Map([
    ['others age', 4.6],
    ['others orders', 2],
  ]),
};
export const anyRule = fc
  .letrec((tie) => ({
    rule: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.record({ all: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('rule') }),
    ),
  }))
  .rule.map((generated): ResolvedRule => resolveRule(ruleFrom(generated), SURROUNDINGS));

const attributeRound = (now: Date) => {
  const dates = fc.constantFrom(...DATES, ...datesRound(now));
  return fc.oneof(textRound(now), dates, number, fc.boolean(), fc.constant(null));
};
const eventRound = (now: Date) =>
  fc.record({
    type: fc.constantFrom('purchase', 'visit'),
    atMs: fc
      .constantFrom(0, 1, -1, 0.5, 1 / 3, 0.001, 29.999, 30, 30.001, 37, 5_000)
      .map((daysAgo) => Math.trunc(now.getTime() - daysAgo * 86_400_000)),
    valueCents: fc.constantFrom(null, 0, 500, -3),
    properties: fc.dictionary(
      fc.constantFrom('category', 'n'),
      fc.oneof(text, number, fc.boolean(), fc.constant(null)),
      { noNullPrototype: true },
    ),
  });
const consentRound = (now: Date) =>
  fc.record({
    purpose: fc.constantFrom('promotion', 'newsletter'),
    channel: fc.constantFrom('email', 'sms'),
    granted: fc.boolean(),
    expiresAt: fc.oneof(
      fc.constant(null),
      fc
        .constantFrom(-1_000_000_000, -1, 0, 1, 1_000_000_000)
        .map((ms) => new Date(now.getTime() + ms).toISOString()),
    ),
  });
const CHANNELS_IN_APP = ['in-app'] as const;
export const subjectRound = (now: Date): fc.Arbitrary<RuleSubject> => {
  const attribute = attributeRound(now);
  const names = fc.constantFrom('age', 'tier', 'newbie', 'mixed', 'area');
  // Some of 2.5 points, now and round now; a point weighs the more the later it is given.
  const weights = [0, 1, 2.5].flatMap((points) => {
    const weight = points * interestWeight(now.getTime());
    return [weight, weight * (1 + Number.EPSILON), weight * 1.5, weight * 64];
  });
  return fc.record({
    area: fc.constantFrom(null, '75', '2A'),
    market: fc.constantFrom('FR', 'BE'),
    locale: fc.constantFrom('fr', 'a'),
    attributes: fc.dictionary(names, attribute, { noNullPrototype: true }),
    derived: fc.dictionary(fc.constantFrom('state', 'orders', 'rfm'), attribute, { noNullPrototype: true }),
    events: fc.array(eventRound(now), { maxLength: 5 }),
    consents: fc.uniqueArray(consentRound(now), {
      maxLength: 3,
      selector: (c) => `${c.purpose} ${c.channel}`,
    }),
    interests: fc.dictionary(fc.constantFrom('lamps', 'rugs'), fc.constantFrom(...weights, 1e300), {
      noNullPrototype: true,
    }),
    reachable: fc
      .subarray(['email', 'sms', 'letter', 'push'] as const)
      .map((some) => [
        ...CHANNELS_IN_APP,
        ...some,
        ...(some.includes('email') ? (['e-letter'] as const) : []),
      ]),
  });
};

export const NOBODY: RuleSubject = {
  area: null,
  market: 'FR',
  locale: 'fr',
  attributes: {},
  derived: {},
  events: [],
  consents: [],
  interests: {},
  reachable: [],
};
