import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { areaFromPostcode, areaName } from '../../../domain/profiles/area';
import { CELL_READERS, calendarDay, instant, moneyCents } from '../../../domain/profiles/cells';
import { DEPARTEMENTS } from '../../../domain/profiles/departements';
import { normaliseEmail } from '../../../domain/profiles/email';
import { normalisePhone } from '../../../domain/profiles/phone';
import { patchOf } from '../../../domain/profiles/profile-input';
import {
  normaliseArea,
  normaliseCivility,
  normaliseLocale,
  normalisePostcode,
  normaliseText,
  normaliseTimezone,
} from '../../../domain/profiles/text-fields';
import { monthsBefore } from '../../../domain/shared/time';

const refused = (code: string): object => ({ ok: false, code });
const value = (v: unknown): object => ({ ok: true, value: v });

describe('e-mail', () => {
  test.each([
    ['  Anne.MARTIN@Exemple.FR ', 'anne.martin@exemple.fr'],
    ['a+b@x.example', 'a+b@x.example'],
    ['jean@bücher.example', 'jean@xn--bcher-kva.example'],
    ['jean@bu\u0308cher.example', 'jean@xn--bcher-kva.example'],
    ['JEAN@XN--BCHER-KVA.example', 'jean@xn--bcher-kva.example'],
  ])('%s becomes one spelling', (input, expected) => expect(normaliseEmail(input)).toEqual(value(expected)));

  test.each([
    '',
    'anne',
    '@exemple.fr',
    'anne@',
    'anne@exemple',
    'anne@@exemple.fr',
    'anne martin@exemple.fr',
    '.anne@exemple.fr',
    'anne.@exemple.fr',
    'an..ne@exemple.fr',
    'anne@-exemple.fr',
    'anne@exemple-.fr',
    'anne@exemple..fr',
    'anne@[127.0.0.1]',
    'anne@127.0.0.1',
    'anne@exemple.fr, bob@exemple.fr',
    'anne@exemple.fr\r\nBcc: x@y.fr',
    'élodie@exemple.fr',
    'anne@bücher.example:80',
    'anne@bücher.example/x',
    `${'a'.repeat(65)}@exemple.fr`,
    `anne@${'a'.repeat(64)}.fr`,
    `a@${'abcdefgh.'.repeat(30)}fr`,
  ])('%s is refused', (input) => expect(normaliseEmail(input)).toEqual(refused('email-invalid')));
});

describe('phone', () => {
  test.each([
    ['06 12 34 56 78', 'FR', '+33612345678'],
    ['+33 (0)6 12 34 56 78', 'FR', '+33612345678'],
    ['0033612345678', 'FR', '+33612345678'],
    ['0470 12 34 56', 'BE', '+32470123456'],
    ['06.12.34.56.78', 'EMEA', '+33612345678'],
  ])('%s in %s', (input, market, expected) => expect(normalisePhone(input, market)).toEqual(value(expected)));
  test('in France the first five digits tell what is in use', () => {
    const otherwise: string[] = [];
    for (let block = 1_000; block < 10_000; block += 1)
      for (const rest of [
        '00000',
        '12345',
        '23456',
        '36912',
        '45678',
        '58147',
        '67890',
        '74185',
        '80246',
        '99999',
      ]) {
        const digits = `0${block}${rest}`;
        const parsed = parsePhoneNumberFromString(digits, { defaultCountry: 'FR', extract: false });
        const expected = parsed?.isValid() === true ? value(parsed.number) : refused('phone-invalid');
        if (JSON.stringify(normalisePhone(digits)) !== JSON.stringify(expected)) otherwise.push(digits);
      }
    expect(otherwise).toEqual([]);
  });
  test.each(['', '12', '06 12 34 56', '0000000000', 'call me', '+999123456789'])('%s is refused', (input) =>
    expect(normalisePhone(input)).toEqual(refused('phone-invalid')),
  );
});

describe('area', () => {
  test('there are 101 départements', () => expect(Object.keys(DEPARTEMENTS)).toHaveLength(101));
  test.each([
    ['75011', '75'],
    ['01000', '01'],
    ['20000', '2A'],
    ['20190', '2A'],
    ['20200', '2B'],
    ['20600', '2B'],
    ['20300', null],
    ['97110', '971'],
    ['97400', '974'],
    ['97600', '976'],
    ['97500', '975'],
    ['97133', '977'],
    ['97150', '978'],
    ['98000', null],
    ['98800', '988'],
    ['96000', null],
    ['00100', null],
    ['7501', null],
  ])('%s lies in %s', (postcode, area) => expect(areaFromPostcode(postcode)).toBe(area));
  test('every metropolitan département is reached by a postcode of its own', () => {
    const reached = new Set(
      Array.from({ length: 100_000 }, (_, i) => areaFromPostcode(String(i).padStart(5, '0'))),
    );
    for (const code of Object.keys(DEPARTEMENTS)) expect(reached).toContain(code);
    expect(areaName('2B')).toBe('Haute-Corse');
  });
  test('codes as people write them', () => {
    expect(normaliseArea('1')).toEqual(value('01'));
    expect(normaliseArea('2b')).toEqual(value('2B'));
    expect(normaliseArea('20')).toEqual(refused('area-unknown'));
    expect(normaliseArea('vaud', 'CH')).toEqual(value('VAUD'));
  });
});

describe('other fields', () => {
  test('text', () => {
    expect(normaliseText('  Jean   Philippe\u00a0 ')).toEqual(value('Jean Philippe'));
    expect(normaliseText('E\u0301lodie')).toEqual(value('Élodie'));
    expect(normaliseText('a\u0000b')).toEqual(refused('text-invalid'));
    expect(normaliseText('\ufffdlodie')).toEqual(refused('encoding-invalid'));
    expect(normaliseText('x'.repeat(501))).toEqual(refused('text-invalid'));
  });
  test('civility, postcode, locale, time zone', () => {
    expect(normaliseCivility('Mlle')).toEqual(value('Mme'));
    expect(normaliseCivility('Dr')).toEqual(refused('civility-unknown'));
    expect(normalisePostcode('1000')).toEqual(value('01000'));
    expect(normalisePostcode('ABC')).toEqual(refused('postcode-invalid'));
    expect(normalisePostcode('ec1a 1bb', 'GB')).toEqual(value('EC1A 1BB'));
    expect(normaliseLocale('FR_be')).toEqual(value('fr-BE'));
    expect(normaliseLocale('french')).toEqual(value('fr'));
    expect(normaliseLocale('klingon')).toEqual(refused('locale-invalid'));
    expect(normaliseTimezone('europe/paris')).toEqual(value('Europe/Paris'));
    expect(normaliseTimezone('Paris')).toEqual(refused('timezone-unknown'));
  });
  test('amounts are read from their digits', () => {
    expect(moneyCents('142.44')).toEqual(value(14_244));
    expect(moneyCents('1 234,5')).toEqual(value(123_450));
    expect(moneyCents('-3,10 €')).toEqual(value(-310));
    expect(moneyCents('1,234.50')).toEqual(refused('money-invalid'));
    expect(moneyCents('0.005')).toEqual(refused('money-invalid'));
  });
  test('numbers and booleans', () => {
    expect(CELL_READERS.integer('-0')).toEqual(value(0));
    expect(CELL_READERS.integer('1.5')).toEqual(refused('integer-invalid'));
    expect(CELL_READERS.number('1,5')).toEqual(value(1.5));
    expect(CELL_READERS.number('1e9')).toEqual(refused('number-invalid'));
    expect(CELL_READERS.boolean('Oui')).toEqual(value(true));
    expect(CELL_READERS.boolean('maybe')).toEqual(refused('boolean-invalid'));
  });
  test('dates must exist', () => {
    expect(calendarDay('31/05/2026')).toEqual(value('2026-05-31'));
    expect(calendarDay('2026-02-30')).toEqual(refused('date-invalid'));
    expect(calendarDay('0000-01-01')).toEqual(refused('date-invalid'));
    expect(instant('2026-05-31T10:00:00+02:00')).toEqual(value('2026-05-31T08:00:00.000Z'));
    expect(instant('2026-05-31T10:00:00')).toEqual(refused('date-invalid'));
    expect(instant('2026-05-31T25:00:00Z')).toEqual(refused('date-invalid'));
  });
  test('months are counted on the calendar', () => {
    expect(monthsBefore('2026-03-31T12:00:00.000Z', 1)).toBe('2026-02-28T12:00:00.000Z');
    expect(monthsBefore('2026-01-15T00:00:00.000Z', 13)).toBe('2024-12-15T00:00:00.000Z');
  });
});

test('one person by the API meets the same checks, and every fault is told at once', () => {
  expect(patchOf({ email: 'A@Exemple.fr', postcode: '2000', attributes: { age: 41, gone: null } })).toEqual({
    ok: true,
    patch: {
      fields: { email: 'a@exemple.fr', postcode: '02000', area: '02' },
      attributes: { age: 41, gone: null },
    },
  });
  expect(patchOf({ email: 'nobody', phone: '12' })).toEqual({
    ok: false,
    faults: [
      { field: 'email', code: 'email-invalid' },
      { field: 'phone', code: 'phone-invalid' },
    ],
  });
  expect(patchOf({ firstName: 'Anne' })).toEqual({
    ok: false,
    faults: [{ field: 'customerKey', code: 'no-key' }],
  });
});
