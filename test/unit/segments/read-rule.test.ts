import { readRule } from '../../../domain/segments/read-rule';
import { resolveRule } from '../../../domain/segments/resolve';
import { explainRule } from '../../../domain/segments/explain-rule';
import { touchesOf } from '../../../domain/segments/touches';
import { NOBODY, NOW, ruleFrom } from '../../support/rules';

const NOTHING = { liveRules: new Map(), means: new Map() };

test.each<[unknown, string, string]>([
  [3, '', 'is a rule'],
  [{}, '', 'is none of the known clauses'],
  [{ all: [] }, '/all', '1 to 50'],
  [{ all: [{ everyone: true }], any: [] }, '', 'stands alone'],
  [{ any: [{ attribute: 'age', op: 'gte', value: null }] }, '/any/0/value', 'a text, a number'],
  [{ date: 'a', since: 'monday' }, '/since', 'a day such as'],
  [{ date: 'a', since: '9999-12-31' }, '/since', 'a day such as'],
  [{ age: { atLeast: 18 }, zone: 'Europe/Nowhere' }, '/zone', 'a time zone'],
  [{ not: { event: 'visit', op: 'gte' } }, '/not/value', 'expected number'],
  [{ event: 'visit', usualDays: 30, op: 'lt', times: 0.5 }, '/withinDays', 'expected number'],
  [{ age: {} }, '', 'needs atLeast'],
  [{ regions: ['11', '99'] }, '/regions/1', 'no region'],
  [{ consent: 'promotion', channel: 'fax' }, '/channel', 'expected one of'],
])('%j is refused where it is wrong', (given, path, words) => {
  const answer = readRule(given);
  expect(answer.ok ? [] : answer.faults).toEqual([{ path, message: expect.stringContaining(words) }]);
});

test('a rule has an end', () => {
  let deep: unknown = { everyone: true };
  for (let i = 0; i < 13; i += 1) deep = { not: deep };
  expect(readRule(deep).ok).toBe(false);
  const wide = {
    all: Array.from({ length: 7 }, () => ({ any: Array.from({ length: 50 }, () => ({ everyone: true })) })),
  };
  const answer = readRule(wide);
  expect(answer.ok ? [] : answer.faults).toHaveLength(1);
});

test('segments are put in, and never in a circle', () => {
  const liveRules = new Map([
    ['a', ruleFrom({ any: [{ segment: 'b' }, { segment: 'c' }] })],
    ['b', ruleFrom({ segment: 'c' })],
    ['c', ruleFrom({ everyone: true })],
    ['x', ruleFrom({ not: { segment: 'y' } })],
    ['y', ruleFrom({ segment: 'x' })],
  ]);
  expect(resolveRule({ segment: 'a' }, { ...NOTHING, liveRules })).toEqual({
    any: [{ everyone: true }, { everyone: true }],
  });
  expect(() => resolveRule({ segment: 'x' }, { ...NOTHING, liveRules })).toThrow('x → y → x');
  expect(() => resolveRule({ segment: 'z' }, { ...NOTHING, liveRules })).toThrow('no segment z');
});

test('a clause is explained by what it saw', () => {
  const rule = resolveRule(
    ruleFrom({
      all: [{ attribute: 'age', op: 'gte', value: 18 }, { not: { event: 'visit', op: 'gte', value: 1 } }],
    }),
    NOTHING,
  );
  const visit = {
    type: 'visit',
    atMs: Date.parse('2026-11-20T08:00:00.000Z'),
    valueCents: null,
    properties: {},
  };
  const subject = { ...NOBODY, attributes: { age: 20 }, events: [visit, visit] };
  expect(explainRule(rule, subject, NOW.getTime())).toEqual({
    holds: false,
    clause: 'all',
    parts: [
      { holds: true, clause: { attribute: 'age', op: 'gte', value: 18 }, saw: 20 },
      {
        holds: false,
        clause: 'not',
        parts: [{ holds: true, clause: { event: 'visit', measure: 'count', op: 'gte', value: 1 }, saw: 2 }],
      },
    ],
  });
  const { attributes, eventTypes, time } = touchesOf([rule]);
  expect({ attributes: [...attributes], eventTypes: [...eventTypes], time }).toEqual({
    attributes: ['age'],
    eventTypes: [['visit', Infinity]],
    time: true,
  });
});
