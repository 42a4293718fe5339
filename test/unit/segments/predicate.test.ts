import targeting from '../../../config/policies/targeting.json';
import { matches } from '../../../domain/segments/predicate';
import { resolveRule } from '../../../domain/segments/resolve';
import type { RuleSubject } from '../../../domain/segments/subject';
import { NOBODY, ruleFrom } from '../../support/rules';
import { refusedAttributes, targetingPolicySchema } from '../../../domain/segments/policy';
import { attributesOf, ruleSchema } from '../../../domain/segments/rule';

const NOW = Date.parse('2026-11-22T00:00:00Z');
const ANNE: RuleSubject = {
  ...NOBODY,
  area: '75',
  market: 'FR',
  locale: 'fr',
  attributes: { age: 41, tier: 'gold', newbie: false, gone: null, area: 'hidden' },
  events: [
    { type: 'purchase', atMs: Date.parse('2026-11-20T00:00:00Z'), valueCents: 1_000, properties: {} },
    { type: 'purchase', atMs: Date.parse('2026-01-01T00:00:00Z'), valueCents: 500, properties: {} },
  ],
};
const holds = (rule: unknown): boolean =>
  matches(resolveRule(ruleSchema.parse(rule), { liveRules: new Map(), means: new Map() }), ANNE, NOW);

test.each([
  [{ attribute: 'age', op: 'gte', value: 41 }, true],
  [{ attribute: 'age', op: 'eq', value: '41' }, false],
  [{ attribute: 'age', op: 'ne', value: '41' }, true],
  [{ attribute: 'age', op: 'lt', value: 'z' }, false],
  [{ attribute: 'missing', op: 'ne', value: 1 }, false],
  [{ not: { attribute: 'missing', op: 'eq', value: 1 } }, true],
  [{ attribute: 'gone', exists: true }, false],
  [{ attribute: 'gone', exists: false }, true],
  [{ attribute: 'area', op: 'eq', value: '75' }, true],
  [{ attribute: 'tier', in: ['silver', 'gold'] }, true],
  [{ attribute: 'newbie', in: [0] }, false],
  [{ attribute: 'newbie', op: 'lt', value: true }, false],
  [{ attribute: 'tier', op: 'lt', value: '\u{10000}' }, true],
  [{ event: 'purchase', op: 'gte', value: 2 }, true],
  [{ event: 'purchase', withinDays: 30, op: 'gte', value: 2 }, false],
  [{ event: 'purchase', withinDays: 30, measure: 'sum-cents', op: 'eq', value: 1_000 }, true],
  [{ event: 'visit', op: 'eq', value: 0 }, true],
  [
    {
      all: [
        { everyone: true },
        {
          any: [
            { attribute: 'age', op: 'lt', value: 1 },
            { attribute: 'tier', exists: true },
          ],
        },
      ],
    },
    true,
  ],
])('%j: %s', (rule, expected) => expect(holds(rule)).toBe(expected));

test('attributes nobody has looked at are refused, and sensitive ones even when listed', () => {
  const policy = targetingPolicySchema.parse(targeting);
  const rule = ruleSchema.parse({
    all: [
      { attribute: 'age', op: 'gt', value: 18 },
      {
        not: {
          any: [
            { attribute: 'health', exists: true },
            { attribute: 'shoe_size', in: [40] },
          ],
        },
      },
    ],
  });
  expect(refusedAttributes(rule, policy)).toEqual(['health', 'shoe_size']);
  expect(refusedAttributes(rule, { ...policy, allowed: [...policy.allowed, 'health', 'shoe_size'] })).toEqual(
    ['health'],
  );
});

test('what a rule reads through segments, regions and means is seen too', () => {
  const liveRules = new Map([
    ['a', ruleFrom({ not: { segment: 'b' } })],
    [
      'b',
      ruleFrom({
        any: [{ regions: ['11'] }, { age: { atLeast: 18 } }, { attribute: 'health', exists: true }],
      }),
    ],
  ]);
  const rule = ruleFrom({
    all: [{ segment: 'a' }, { attribute: 'shoe_size', op: 'gt', times: 2, meanOf: 'b' }],
  });
  const resolved = resolveRule(rule, { liveRules, means: new Map() });
  expect(attributesOf(resolved)).toEqual(['area', 'birth_date', 'health', 'shoe_size']);
  expect(refusedAttributes(resolved, targetingPolicySchema.parse(targeting))).toEqual([
    'health',
    'shoe_size',
  ]);
});

test('rules hold nothing PostgreSQL cannot take', () => {
  for (const value of ['a\u0000', '\ud800']) {
    expect(ruleSchema.safeParse({ attribute: 'a', op: 'eq', value }).success).toBe(false);
  }
});
