import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { fromRoot } from '../../../config/paths';
import { targetingPolicy } from '../../../config/policies/targeting';
import { interestWeight } from '../../../domain/segments/interest';
import { refusedAttributes } from '../../../domain/segments/policy';
import { matches } from '../../../domain/segments/predicate';
import { resolveRule } from '../../../domain/segments/resolve';
import { LEAVES } from '../../../domain/segments/rule';
import type { RuleSubject } from '../../../domain/segments/subject';
import { NOBODY, NOW, ruleFrom } from '../../support/rules';

const folder = fromRoot('examples', 'segments');
const example = z.strictObject({ key: z.string(), name: z.string(), rule: z.unknown() });
const rules = new Map(
  readdirSync(folder).map((file) => {
    const { key, rule } = example.parse(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')));
    expect(file).toBe(`${key}.json`);
    return [key, ruleFrom(rule)];
  }),
);

const event = (type: string, daysAgo: number, properties = {}) => ({
  type,
  atMs: NOW.getTime() - daysAgo * 86_400_000,
  valueCents: null,
  properties,
});
const visits = (...daysAgo: number[]) => daysAgo.map((days) => event('visit', days));
const purchases = (...daysAgo: number[]) => daysAgo.map((days) => event('purchase', days));
const interested = (points: number) => ({
  lamps: points * interestWeight(NOW.getTime()),
});

/** Of each, people who are in and people who are just out. */
const PEOPLE: Record<string, { in: Partial<RuleSubject>[]; out: Partial<RuleSubject>[] }> = {
  'high-ltv': {
    in: [{ derived: { orders: 2, rfm_monetary: 5 } }, { derived: { orders: 9, spent_cents: 150_000 } }],
    out: [
      { derived: { orders: 1, rfm_monetary: 5 } },
      { derived: { orders: 9, spent_cents: 149_999, rfm_monetary: 4 } },
      // Nobody may bring what Boucle keeps up itself.
      { attributes: { orders: 2, rfm_monetary: 5 } },
    ],
  },
  onboarding: {
    in: [{ derived: { first_purchase_on: '2026-10-23', orders: 1 } }],
    out: [
      { derived: { first_purchase_on: '2026-10-22', orders: 1 } },
      { derived: { first_purchase_on: '2026-11-20', orders: 2 } },
    ],
  },
  'churn-risk': {
    in: [
      { derived: { state: 'churn-risk' } },
      { derived: { orders: 2 }, events: visits(40, 60, 90, 120) },
      { events: [event('ticket-opened', 2), event('ticket-opened', 29)] },
    ],
    out: [
      { derived: { state: 'active', orders: 2 }, events: [...visits(5, 40, 60, 90), ...purchases(3)] },
      // Nothing usual to fall behind.
      { derived: { orders: 2 } },
      { events: [event('ticket-opened', 2), event('ticket-opened', 31)] },
    ],
  },
  'active-frequent-lamps': {
    in: [
      { events: [...visits(1, 2, 6), ...purchases(10, 60, 200, 364)], interests: interested(5.01) },
      {
        events: [
          ...visits(1, 2, 6),
          ...purchases(10, 60, 200, 364),
          event('category-view', 3, { category: 'lamps' }),
          event('category-view', 29, { category: 'lamps' }),
        ],
      },
    ],
    out: [
      { events: [...visits(1, 2, 8), ...purchases(10, 60, 200, 364)], interests: interested(5.01) },
      { events: [...visits(1, 2, 6), ...purchases(10, 60, 200, 366)], interests: interested(5.01) },
      { events: [...visits(1, 2, 6), ...purchases(10, 60, 200, 364)], interests: interested(4.99) },
    ],
  },
  'young-paris-region': {
    in: [
      { area: '93', attributes: { birth_date: '2008-11-22' } },
      { area: '75', attributes: { birth_date: '2000-11-23' } },
    ],
    out: [
      { area: '93', attributes: { birth_date: '2008-11-23' } },
      { area: '75', attributes: { birth_date: '2000-11-22' } },
      { area: '69', attributes: { birth_date: '2004-01-01' } },
      { area: '75' },
    ],
  },
};

test('every example has its people, and reads what the targeting policy allows', () => {
  expect([...rules.keys()].sort()).toEqual(Object.keys(PEOPLE).sort());
  for (const rule of rules.values()) expect(refusedAttributes(rule, targetingPolicy())).toEqual([]);
});

test('the examples of the documentation are rules, of every kind', () => {
  const table = readFileSync(fromRoot('docs', 'segments.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && line.endsWith('}` |'));
  const given = table.map((line): unknown => JSON.parse(line.slice(line.lastIndexOf(' `{') + 2, -3)));
  expect(given.length).toBeGreaterThanOrEqual(Object.keys(LEAVES).length);
  for (const rule of given) ruleFrom(rule);
});

test.each(Object.entries(PEOPLE))('%s knows its own', (key, people) => {
  const given = rules.get(key);
  if (given === undefined) throw new Error(`no example ${key}`);
  const rule = resolveRule(given, { liveRules: new Map(), means: new Map() });
  const holds = (one: Partial<RuleSubject>) => matches(rule, { ...NOBODY, ...one }, NOW.getTime());
  expect(people.in.map(holds)).toEqual(people.in.map(() => true));
  expect(people.out.map(holds)).toEqual(people.out.map(() => false));
});
