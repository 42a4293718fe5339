import fc from 'fast-check';
import { DateTime } from 'luxon';
import { dateFormatSchema, dateReader } from '../../../domain/profiles/date-format';
import { mappingSchema } from '../../../domain/profiles/mapping';
import { frenchArea, frenchRegion } from '../../../domain/profiles/places';
import { stepsOf } from '../../../domain/profiles/steps';
import { rowReader } from '../../../domain/profiles/row';
import { normaliseEmail } from '../../../domain/profiles/email';
import { normaliseLocale } from '../../../domain/profiles/text-fields';

const PARIS = { zone: 'Europe/Paris', locale: 'fr' };
const value = (checked: { ok: boolean; value?: unknown; code?: string }) => checked.value ?? checked.code;

test.each<[string, string, string]>([
  ['dd/MM/yyyy', '31/05/2026', '2026-05-31'],
  ['MM/dd/yyyy', '05/31/2026', '2026-05-31'],
  ['yyyyMMdd', '19970112', '1997-01-12'],
  ['d MMMM yyyy', '1 mars 2026', '2026-03-01'],
  ['d MMMM yyyy', '1 août 2026', '2026-08-01'],
  ['d MMMM yyyy', '1er fevrier 2026', '2026-02-01'],
  ['d MMMM yyyy', '15 AOUT 2026', '2026-08-15'],
  ['d MMM yyyy', '3 fevr. 2026', '2026-02-03'],
  ['dd/MM/yyyy HH:mm', '25/10/2026 14:30', '2026-10-25T13:30:00.000Z'],
  ["yyyy-MM-dd'T'HH:mm:ssZZ", '2026-07-01T10:00:00+02:00', '2026-07-01T08:00:00.000Z'],
  ['epoch-s', '1795392000', '2026-11-23T00:00:00.000Z'],
  ['epoch-ms', '1795392000500', '2026-11-23T00:00:00.500Z'],
  ['spreadsheet', '46349', '2026-11-23'],
  ['spreadsheet', '46349.5', '2026-11-23T12:00:00.000Z'],
  ['dd/MM/yyyy', '31/02/2026', 'date-invalid'],
  ['dd/MM/yyyy', '2026-05-31', 'date-invalid'],
  ['yyyyMMdd', '18991231', 'date-invalid'],
  ['epoch-s', 'x', 'date-invalid'],
  ['epoch-ms', '99999999999999', 'date-invalid'],
])('%s reads %s as %s', (format, text, expected) => {
  expect(dateFormatSchema.safeParse(format).success).toBe(true);
  expect(value(dateReader(format, PARIS)(text))).toBe(expected);
});

test.each(['MM/yyyy', 'dd/MM', 'hello', 'HH:mm', 'd'])('%s is no format of a day', (format) => {
  expect(dateFormatSchema.safeParse(format).success).toBe(false);
});

test('what luxon writes of a day is read back as it, in any of the usual formats', () => {
  const formats = ['dd/MM/yyyy', 'M/d/yyyy', 'yyyyMMdd', 'd MMM yyyy', 'cccc d MMMM yyyy', 'yyyy.MM.dd'];
  fc.assert(
    fc.property(fc.integer({ min: -20_000, max: 60_000 }), fc.constantFrom(...formats), (days, format) => {
      const day = DateTime.fromMillis(days * 86_400_000, { zone: 'utc', locale: 'fr' });
      expect(value(dateReader(format, PARIS)(day.toFormat(format)))).toBe(day.toFormat('yyyy-MM-dd'));
    }),
  );
});

test.each<[string, string]>([
  ['69', '69'],
  ['1', '01'],
  ['2a', '2A'],
  ['Rhône', '69'],
  ['COTES D ARMOR', '22'],
  ['val d’oise', '95'],
  ['la reunion', '974'],
  ['69003', '69'],
  ['20000', '2A'],
  ['Bretagne', 'area-is-region'],
  ['Atlantide', 'area-unknown'],
])('the area %s is %s', (text, expected) => {
  expect(value(frenchArea(text))).toBe(expected);
});

test.each<[string, string]>([
  ['Île-de-France', '11'],
  ['ile de france', '11'],
  ['11', '11'],
  ['Rhône', '84'],
  ['35000', '53'],
  ['974', '04'],
  ['nowhere', 'region-unknown'],
])('the region %s is %s', (text, expected) => {
  expect(value(frenchRegion(text))).toBe(expected);
});

test.each<[string, string]>([
  ['fr', 'fr'],
  ['FR_be', 'fr-BE'],
  ['fra', 'fr'],
  ['fre', 'fr'],
  ['ger', 'de'],
  ['Français', 'fr'],
  ['anglais', 'en'],
  ['Deutsch', 'de'],
  ['Spanish', 'es'],
  ['klingon', 'locale-invalid'],
])('the language %s is %s', (text, expected) => {
  expect(value(normaliseLocale(text))).toBe(expected);
});

test('a domain outside ASCII is written as mail servers know it', () => {
  expect(value(normaliseEmail('Zoé@x.fr'))).toBe('email-invalid');
  expect(value(normaliseEmail('zoe@Société.example'))).toBe('zoe@xn--socit-esab.example');
});

test('a mapping reads by its formats, units and currencies', () => {
  const mapping = mappingSchema.parse({
    key: 'crm',
    source: 'crm',
    zone: 'America/New_York',
    fields: [
      { column: 'id', to: 'customerKey' },
      { column: 'born', to: 'attributes.birth_date', type: 'date', format: 'MM/dd/yyyy' },
      { column: 'ltv', to: 'attributes.ltv', type: 'money', currency: 'JPY' },
      { column: 'fee', to: 'attributes.fee_cents', type: 'money', unit: 'cents' },
      { column: 'region', to: 'attributes.region', type: 'region' },
      {
        column: 'active',
        to: 'attributes.active',
        type: 'boolean',
        words: { true: ['Abonné', 'A'], false: ['Parti'] },
      },
    ],
    events: [
      {
        type: 'purchase',
        atColumn: 'at',
        atFormat: 'M/d/yyyy H:mm',
        valueColumn: 'amount',
        currencyColumn: 'cur',
        currency: 'USD',
      },
    ],
  });
  const header = ['id', 'born', 'ltv', 'fee', 'region', 'active', 'at', 'amount', 'cur'];
  const read = rowReader(mapping, header, '2026-11-23T00:00:00Z');
  const row = read(
    ['a', '12/31/1980', '1 200 ¥', '1250', 'Bretagne', 'ABONNÉ', '11/1/2026 23:30', '1200', 'jpy'],
    2,
  );
  expect(row).toMatchObject({
    ok: true,
    row: {
      attributes: { birth_date: '1980-12-31', ltv: 1_200, fee_cents: 1_250, region: '53', active: true },
      events: [{ at: '2026-11-02T04:30:00.000Z', valueCents: 1_200, currency: 'JPY' }],
    },
  });
  const usd = read(['a', '', '', '', '', 'parti', '11/1/2026 23:30', '12.5', ''], 3);
  expect(usd).toMatchObject({
    row: { attributes: { active: false }, events: [{ valueCents: 1_250, currency: 'USD' }] },
  });
  const wrong = read(['a', '31/12/1980', '12.5', '12.5', 'x', 'oui', '1/32/2026 1:00', '1', ''], 4);
  expect(wrong.ok ? [] : wrong.rejects.map(({ field, code }) => `${field} ${code}`)).toEqual([
    'attributes.birth_date date-invalid',
    'attributes.ltv money-invalid',
    'attributes.fee_cents integer-invalid',
    'attributes.region region-unknown',
    'attributes.active boolean-invalid',
    'events.purchase date-invalid',
  ]);
});

test('an amount whose currency differs by row is kept with its code', () => {
  const spent = { column: 'spent', to: 'attributes.spent', type: 'money', currencyColumn: 'cur' } as const;
  const mapped = (...fields: object[]) =>
    mappingSchema.safeParse({
      key: 'crm',
      source: 'crm',
      fields: [{ column: 'id', to: 'customerKey' }, ...fields],
    });
  const mapping = mapped({ ...spent, currency: 'CHF' }).data;
  if (mapping === undefined) throw new Error('not a mapping');
  const read = rowReader(mapping, ['id', 'spent', 'cur'], '2026-11-23T00:00:00Z');
  const attributes = (...cells: string[]) => {
    const row = read(cells, 2);
    return row.ok ? row.row.attributes : row.rejects.map(({ code }) => code);
  };
  expect(attributes('a', '12,50', 'gbp')).toEqual({ spent: 1_250, spent_currency: 'GBP' });
  expect(attributes('a', '1200', 'JPY')).toEqual({ spent: 1_200, spent_currency: 'JPY' });
  expect(attributes('a', '12,50', '')).toEqual({ spent: 1_250, spent_currency: 'CHF' });
  expect(attributes('a', '', 'GBP')).toEqual({});
  expect(attributes('a', '12,50', 'XXQ')).toEqual(['money-invalid']);
  expect(stepsOf(mapping)).toMatchObject({
    'attributes.spent': ['column spent', 'minor units of the currency in column cur'],
    'attributes.spent_currency': ['column cur', 'ISO 4217'],
  });
  expect(mapped(spent, { column: 'x', to: 'attributes.spent_currency' }).success).toBe(false);
  expect(mapped({ ...spent, type: 'number' }).success).toBe(false);
});
