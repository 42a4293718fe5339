import type { Mapping, ProfileField } from './mapping';

/** What becomes of a field on its way in, whichever way it comes (./profile-patch.ts). */
const NORMALISED: Readonly<Record<ProfileField, readonly string[]>> = {
  customerKey: ['NFC'],
  email: ['NFC', 'lower case', 'domain in ASCII'],
  phone: ['E.164'],
  firstName: ['NFC'],
  lastName: ['NFC'],
  civility: ['M. or Mme'],
  address1: ['NFC'],
  address2: ['NFC'],
  postcode: ['postcode of the market'],
  city: ['NFC'],
  country: ['ISO 3166-1'],
  area: ['official code'],
  market: ['upper case'],
  locale: ['BCP 47'],
  timezone: ['IANA name'],
};

/** The steps of each field a call gives. */
export const CALL_STEPS: Readonly<Record<string, readonly string[]>> = NORMALISED;

/** Through which steps each field of a file comes, by field and `attributes.<name>`: its column, how it is read, what it becomes. */
export function stepsOf(mapping: Mapping): Record<string, readonly string[]> {
  const isField = (to: string): to is ProfileField => Object.hasOwn(NORMALISED, to);
  const steps = mapping.fields.flatMap((field): [string, readonly string[]][] => {
    const { column, to, type, format, unit, currency, currencyColumn, words, madeUp } = field;
    const read = [
      `column ${column}`,
      ...(madeUp ? ['made up'] : []),
      ...(format === undefined ? [] : [`read as ${format}`]),
      ...(unit === undefined ? [] : [`in ${unit}`]),
      ...(words === undefined ? [] : ['in words of its own']),
    ];
    if (isField(to)) return [[to, [...read, ...NORMALISED[to]]]];
    if (type !== 'money') return [[to, [...read, type]]];
    if (currencyColumn === undefined) return [[to, [...read, `minor units of ${currency ?? 'EUR'}`]]];
    return [
      [to, [...read, `minor units of the currency in column ${currencyColumn}`]],
      [`${to}_currency`, [`column ${currencyColumn}`, 'ISO 4217']],
    ];
  });
  const postcode = mapping.fields.find(({ to }) => to === 'postcode');
  const area = mapping.fields.some(({ to }) => to === 'area');
  return Object.fromEntries(
    postcode === undefined || area
      ? steps
      : [...steps, ['area', [`column ${postcode.column}`, 'département of the postcode']]],
  );
}
