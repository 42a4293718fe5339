import fc from 'fast-check';
import { canonicalJson } from '../../../domain/creatives/canonical-json';
import { effectiveContent } from '../../../domain/creatives/effective-content';
import { messageVariables, parseContent, variableUses } from '../../../domain/creatives/language';
import { believablePerson, plausibleName } from '../../../domain/creatives/variables';
import { stepsOf } from '../../../domain/campaigns/steps';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { plainScenario } from '../../support/scenario';

test.each([
  ['CAMILLE', 'Camille'],
  ['marie-claude', 'Marie-Claude'],
  ['N’Golo', 'N’Golo'],
  ["d'artagnan", "D'Artagnan"],
  ['McKenna', 'McKenna'],
  [' Zoé  Anne ', 'Zoé Anne'],
  ['ليلى', 'ليلى'],
])('%s may be read as %s', (raw, shown) => {
  expect(plausibleName(raw)).toBe(shown);
});

test.each([
  '',
  'X',
  'xxx',
  'Test',
  'CLIENT',
  'prénom',
  'aaaa',
  'Léa2',
  'a@b.fr',
  '<b>Léa</b>',
  'Zoé 🌿',
  '-',
  'Jean\nPaul',
  'é'.repeat(41),
  '{{ x }}',
])('%j is no name anybody should read', (raw) => {
  expect(plausibleName(raw)).toBeNull();
});

test('doubt is told apart from nothing known', () => {
  const { values, doubted } = believablePerson({ firstName: 'test', lastName: null, city: 'LYON' });
  expect(values).toEqual({ firstName: null, lastName: null, city: 'Lyon' });
  expect(doubted).toEqual(['firstName']);
});

test('the language knows its variables and leaves all else as text', () => {
  expect(parseContent("A {{person.city|default:'là'}} {{ offer.code }}")).toEqual([
    { kind: 'text', text: 'A ' },
    { kind: 'person', name: 'city', fallback: 'là' },
    { kind: 'text', text: ' ' },
    { kind: 'fixed', name: 'offer.code' },
  ]);
  for (const words of [
    '{{ person.email }}',
    '{{ x }}',
    '{% for %}',
    '{% else %}',
    '{% if person.firstName %}',
    '{{ person.firstName | upcase }}',
  ]) {
    expect(parseContent(words).map((piece) => piece.kind)).toEqual(['text']);
  }
});

test('no text is lost in parsing', () => {
  const bits = fc.array(
    fc.constantFrom(
      '{{',
      '}}',
      '{%',
      '%}',
      ' x ',
      'person.firstName',
      '{% else %}',
      '{% if person.city %}',
      '{% endif %}',
    ),
  );
  fc.assert(
    fc.property(bits, (words) => {
      const source = words.join('');
      const pieces = parseContent(source);
      if (pieces.every((piece) => piece.kind === 'text')) {
        expect(pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('')).toBe(source);
      }
    }),
  );
});

test.each([
  ['{{ person.firstName }}', false],
  ['{{ person.firstName | default: "" }}', true],
  ['{% if person.firstName %}{{ person.firstName }}{% endif %}', true],
  ['{% if person.city %}{{ person.firstName }}{% endif %}', false],
  ['{% if person.firstName %}x{% else %}{{ person.firstName }}{% endif %}', false],
])('%s has a fallback: %s', (words, hasFallback) => {
  expect(variableUses(parseContent(words))).toEqual([{ name: 'firstName', hasFallback }]);
});

const first = { content: {}, nature: 'promotion' } as const;

test('a later step says its own words over the arm’s, and the arm’s wherever it says nothing', () => {
  const scenario = scenarioSchema.parse(
    plainScenario({
      arms: [{ key: 'a', label: 'A', weight: 1, content: { subject: 'À part', ctaLabel: 'Y aller' } }],
      steps: [
        { key: 'relance', when: 'not-clicked', afterSeconds: 60, content: { subject: 'Derniers jours' } },
      ],
    }),
  );
  const [arm] = scenario.arms;
  if (arm === undefined) throw new Error('no arm');
  const row = { segmentId: 's', keyMessage: 'Offert', visualGuideline: 'Salon', offerCode: '-' };
  const said = stepsOf(scenario).map((step) => effectiveContent(scenario, step, arm, row));
  expect(said.map(({ subject, ctaLabel }) => [subject, ctaLabel])).toEqual([
    ['À part', 'Y aller'],
    ['Derniers jours', 'Y aller'],
  ]);
});

test('what a triggered message is asked with is known by its declared name alone', () => {
  const declared = new Set(['orderNumber']);
  expect(parseContent('n° {{ message.orderNumber }} {{ link }}', declared)).toEqual([
    { kind: 'text', text: 'n° ' },
    { kind: 'message', name: 'orderNumber', fallback: null },
    { kind: 'text', text: ' ' },
    { kind: 'link' },
  ]);
  expect(parseContent('{{ message.constructor }}{{ message.a.b }}', declared).map((p) => p.kind)).toEqual([
    'text',
    'text',
  ]);
  expect(messageVariables('{{ message.a }} {{message.b|default:"x"}} {{ person.city }}')).toEqual(['a', 'b']);
});

test('an arm says its own words over the scenario’s, and the persona adds its line', () => {
  const scenario = scenarioSchema.parse(
    plainScenario({ arms: [{ key: 'a', label: 'A', weight: 1, content: { subject: 'À part' } }] }),
  );
  const [arm] = scenario.arms;
  if (arm === undefined) throw new Error('no arm');
  const row = { segmentId: 's', keyMessage: ' Offert ', visualGuideline: 'Salon', offerCode: 'aucune' };
  const content = effectiveContent(scenario, first, arm, row);
  expect(content).toMatchObject({
    subject: 'À part',
    headline: scenario.content.headline,
    keyMessage: 'Offert',
    offerCode: null,
  });
  expect(effectiveContent(scenario, first, arm, { ...row, offerCode: 'A10' }).offerCode).toBe('A10');
  for (const nature of ['service', 'official'] as const)
    expect(
      effectiveContent(scenario, { content: {}, nature }, arm, { ...row, offerCode: 'A10' }),
    ).toMatchObject({ subject: 'À part', keyMessage: '', visualGuideline: '', offerCode: null });
});

test('canonical JSON does not see the order of keys, and sees everything else', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
});
