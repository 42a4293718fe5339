import { defaultPolicies } from '../../../config/policies/delivery';
import { checkEvent, type EventRules } from '../../../domain/events/check-event';
import { eventTypeSchema } from '../../../domain/events/event-type';
import { MESSAGE_EVENTS } from '../../../domain/delivery/message-events';

const NOW = Date.parse('2026-11-23T08:00:00Z');
const seat = eventTypeSchema.parse({
  type: 'seat',
  about: 'Took a seat',
  value: 'required',
  properties: {
    row: { type: 'text', required: true, oneOf: ['a', 'b'] },
    day: { type: 'date' },
    window: { type: 'boolean' },
  },
  others: 'refused',
});
const rules: EventRules = { types: new Map([['seat', seat]]), unknown: 'accept' };
const event = {
  id: 'e1',
  type: 'seat',
  at: '2026-11-23T07:00:00Z',
  profile: { id: 1 },
  valueCents: 5,
  properties: { row: 'a' },
};

const outcome = (given: unknown, by = rules): unknown => {
  const checked = checkEvent(given, by, NOW);
  return checked.ok ? checked.event : [checked.code, checked.faults.map(({ path }) => path)];
};

test.each<[string, unknown, unknown]>([
  ['as its type has it', event, event],
  [
    'an amount as people write it',
    { ...event, valueCents: undefined, value: { amount: '1 234,5', currency: 'EUR' } },
    { ...event, valueCents: 123_450, currency: 'EUR' },
  ],
  [
    'yen',
    { ...event, valueCents: undefined, value: { amount: '80', currency: 'JPY' } },
    { ...event, valueCents: 80, currency: 'JPY' },
  ],
  ['late by years', { ...event, at: '1999-01-01T00:00:00Z' }, { ...event, at: '1999-01-01T00:00:00Z' }],
  [
    'ahead by less than a day',
    { ...event, at: '2026-11-24T07:59:00Z' },
    { ...event, at: '2026-11-24T07:59:00Z' },
  ],
  ['of a type nobody declared', { ...event, type: 'danced' }, { ...event, type: 'danced' }],
  ['at an offset no place has', { ...event, at: '2026-02-20T00:00:00+16:00' }, ['event-invalid', ['/at']]],
  ['ahead by more', { ...event, at: '2026-11-24T08:01:00Z' }, ['event-ahead', ['/at']]],
  ['no event at all', { hello: 1 }, ['event-invalid', ['/id', '/type', '/at', '/profile', '/hello']]],
  ['two amounts', { ...event, value: { amount: '1' } }, ['event-invalid', ['/value']]],
  [
    'an amount to guess',
    { ...event, valueCents: undefined, value: { amount: '1,234' } },
    ['event-invalid', ['/value/amount']],
  ],
  ['more than anybody pays', { ...event, valueCents: 1e13 + 1 }, ['event-invalid', ['/valueCents']]],
  ['a currency that is none', { ...event, currency: 'ZZZ' }, ['event-invalid', ['/currency']]],
  ['no value where one is asked', { ...event, valueCents: undefined }, ['event-type-mismatch', ['/value']]],
  [
    'properties of other kinds',
    { ...event, properties: { row: 'c', day: '31/05/2026', window: 'yes', 'a/b': 1 } },
    ['event-type-mismatch', ['/properties/row', '/properties/day', '/properties/window', '/properties/a~1b']],
  ],
  ['a property missing', { ...event, properties: {} }, ['event-type-mismatch', ['/properties/row']]],
])('%s', (_name, given, expected) => {
  expect(outcome(given)).toEqual(expected);
});

test('types nobody declared are refused where it is configured so', () => {
  expect(outcome({ ...event, type: 'danced' }, { ...rules, unknown: 'refuse' })).toEqual([
    'event-type-unknown',
    ['/type'],
  ]);
});

test('what became of messages is told by Boucle alone', () => {
  for (const type of Object.values(MESSAGE_EVENTS))
    expect(outcome({ ...event, type })).toEqual(['event-type-reserved', ['/type']]);
});

test.each([
  'click.12.0.1790000000',
  'open.12',
  'email.12.delivered',
  'in-app.3.x',
  'unsubscribe.sms.SM1',
  'reply.sms.SM1',
])('the id %s would keep what became of a message from being counted', (id) => {
  expect(outcome({ ...event, id })).toEqual(['event-id-reserved', ['/id']]);
});

test.each(['click-12', 'open.house', 'order.12', 'email.a', 'click'])('the id %s is its sender’s', (id) => {
  expect(outcome({ ...event, id })).toEqual({ ...event, id });
});

test('the types that ship are those of the field, each of its own name', () => {
  const types = Object.entries(defaultPolicies()['event-type']);
  for (const [key, { type }] of types) expect(type).toBe(key);
  for (const type of [
    'visit',
    'category-view',
    'product-view',
    'cart',
    'purchase',
    'ticket-opened',
    'ticket-closed',
    'survey-answer',
    'login',
    'feature-used',
    'address-changed',
  ])
    expect(types.map(([key]) => key)).toContain(type);
});
