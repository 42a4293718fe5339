import fc from 'fast-check';
import { matches, type AttributeValue, type RuleSubject } from '../../../domain/segments/predicate';
import type { Rule } from '../../../domain/segments/rule';
import { ruleSchema } from '../../../domain/segments/rule';
import { ruleSql } from '../../../store/segment-sql';
import { freshDatabase, type FreshDatabase } from '../../support/database';

/** A rule means the same to PostgreSQL and in memory: thousands of generated rule × profile pairs. */

const NOW = new Date('2026-11-22T12:00:00.000Z');
const PROFILES = 60;

const NAMES = ['age', 'tier', 'newbie', 'mixed', 'area', 'market', 'locale', 'absent'] as const;
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
];
const NUMBERS = [0, -0, 1, -1, 1.0, 10, 9, 0.1, 0.30000000000000004, 1e21, -1e-7, 2 ** 53, 5e-324];
const text = fc.constantFrom(...TEXTS);
const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.double({ noNaN: true, noDefaultInfinity: true }));
const scalar = fc.oneof(text, number, fc.boolean());
const op = fc.constantFrom('eq', 'ne', 'lt', 'lte', 'gt', 'gte');

const leaf = fc.oneof(
  fc.record({ attribute: fc.constantFrom(...NAMES), op, value: scalar }),
  fc.record({ attribute: fc.constantFrom(...NAMES), in: fc.array(scalar, { minLength: 1, maxLength: 4 }) }),
  fc.record({ attribute: fc.constantFrom(...NAMES), exists: fc.boolean() }),
  fc.record(
    {
      event: fc.constantFrom('purchase', 'visit', 'never'),
      withinDays: fc.constantFrom(1, 0.5, 30, 3_650),
      measure: fc.constantFrom('count', 'sum-cents'),
      op,
      value: fc.constantFrom(-1, 0, 1, 2, 3, 500, 1_000.5),
    },
    { requiredKeys: ['event', 'measure', 'op', 'value'] },
  ),
  fc.constant({ everyone: true }),
);
const rule = fc
  .letrec((tie) => ({
    rule: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.record({ all: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('rule'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('rule') }),
    ),
  }))
  .rule.map((generated): Rule => ruleSchema.parse(generated));

const attribute = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const event = fc.record({
  type: fc.constantFrom('purchase', 'visit'),
  at: fc
    .constantFrom(0, 1, -1, 0.5, 29.999, 30, 30.001, 5_000)
    .map((daysAgo) => new Date(NOW.getTime() - daysAgo * 86_400_000).toISOString()),
  valueCents: fc.constantFrom(null, 0, 500, -3),
});
const subject: fc.Arbitrary<RuleSubject> = fc.record({
  area: fc.constantFrom(null, '75', '2A'),
  market: fc.constantFrom('FR', 'BE'),
  locale: fc.constantFrom('fr', 'a'),
  attributes: fc.dictionary(fc.constantFrom('age', 'tier', 'newbie', 'mixed', 'area'), attribute, {
    noNullPrototype: true,
  }),
  events: fc.array(event, { maxLength: 4 }),
});

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase(4);
});
afterAll(() => database.close());

async function insert(subjects: readonly RuleSubject[]): Promise<void> {
  const sql = database.db.app;
  const rows = subjects.map((s, i) => ({
    id: i + 1,
    market: s.market,
    area: s.area,
    locale: s.locale,
    attributes: s.attributes,
  }));
  await sql`delete from events`;
  await sql`delete from profiles`;
  await sql`
    insert into profiles (id, market, area, locale, attributes, source) overriding system value
    select id, market, area, locale, attributes, 'test'
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(id bigint, market text, area text, locale text, attributes jsonb)`;
  const events = subjects.flatMap((s, i) =>
    s.events.map((e, j) => ({ ...e, id: `${i}.${j}`, profile_id: i + 1 })),
  );
  await sql`
    insert into events (id, profile_id, type, at, value_cents)
    select id, profile_id, type, at, "valueCents"
    from json_to_recordset(${JSON.stringify(events)}::text::json)
      as x(id text, profile_id bigint, type text, at timestamptz, "valueCents" bigint)`;
}

test('SQL and predicate agree on any rule and profile', async () => {
  const sql = database.db.app;
  let pairs = 0;
  let held = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(subject, { minLength: PROFILES, maxLength: PROFILES }),
      fc.array(rule, { minLength: 40, maxLength: 40 }),
      async (subjects, rules) => {
        await insert(subjects);
        for (const one of rules) {
          const rows = await sql<{ id: number; holds: boolean | null }[]>`
            select p.id, ${ruleSql(sql, one, NOW)} as holds from profiles p order by p.id`;
          const inMemory = subjects.map((s) => matches(one, s, NOW.getTime()));
          expect({ rule: one, holds: rows.map((r) => r.holds) }).toEqual({ rule: one, holds: inMemory });
          pairs += rows.length;
          held += inMemory.filter(Boolean).length;
        }
      },
    ),
    { numRuns: 12, endOnFailure: true },
  );
  expect(pairs).toBe(12 * 40 * PROFILES);
  // Rules that never hold, or always, would agree without telling anything.
  expect(held / pairs).toBeGreaterThan(0.1);
  expect(held / pairs).toBeLessThan(0.9);
});

test('attributes of a profile compare by the values of their types', async () => {
  const values: AttributeValue[] = [1, '1', true, 0.1 + 0.2, 'é'];
  await insert(
    values.map((v) => ({ area: null, market: 'FR', locale: 'fr', attributes: { age: v }, events: [] })),
  );
  const sql = database.db.app;
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    const rows = await sql<{ id: number }[]>`
      select p.id from profiles p where ${ruleSql(sql, { attribute: 'age', op: 'eq', value }, NOW)}`;
    expect(rows.map((r) => r.id)).toEqual([i + 1]);
  }
});
