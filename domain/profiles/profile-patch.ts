import type { Scalar } from './cells';
import { accept, refuse, type Checked, type RejectCode } from './checked';
import { areaFromPostcode } from './area';
import { normaliseCountry } from './country';
import { normaliseEmail } from './email';
import type { ProfileField } from './mapping';
import { normalisePhone } from './phone';
import {
  normaliseArea,
  normaliseCivility,
  normaliseLocale,
  normaliseMarket,
  normalisePostcode,
  normaliseText,
  normaliseTimezone,
} from './text-fields';

/** What one source says about one person, normalised. What is left out, it says nothing about. */
export interface ProfilePatch {
  readonly fields: Readonly<Partial<Record<ProfileField, string>>>;
  /** null takes an attribute away. */
  readonly attributes: Readonly<Record<string, Scalar | null>>;
}

/** What a new profile gets where its source says nothing. */
export interface ProfileDefaults {
  readonly market: string;
  readonly locale: string;
}

type Normaliser = (input: string, market: string) => Checked<string>;

/** A key is compared byte for byte: no inner space is lost, letters keep their case. */
const normaliseKey: Normaliser = (input) => {
  const text = normaliseText(input);
  return text.ok && text.value.length > 200 ? refuse('text-invalid') : text;
};

const FIELD_NORMALISERS: Record<ProfileField, Normaliser> = {
  customerKey: normaliseKey,
  email: normaliseEmail,
  phone: normalisePhone,
  firstName: normaliseText,
  lastName: normaliseText,
  civility: normaliseCivility,
  address1: normaliseText,
  address2: normaliseText,
  postcode: normalisePostcode,
  city: normaliseText,
  country: normaliseCountry,
  area: normaliseArea,
  market: normaliseMarket,
  locale: normaliseLocale,
  timezone: normaliseTimezone,
};

export interface FieldFault {
  readonly field: string;
  readonly code: RejectCode;
}

/**
 * Normalises the fields of one person, the market first since telephone numbers are read in its plan, and postcodes
 * too unless the country is given. Empty text counts as nothing said. The area follows from a French postcode unless
 * it is given.
 */
export function normaliseFields(
  given: Readonly<Partial<Record<ProfileField, string | undefined>>>,
  defaultMarket: string,
): { fields: Partial<Record<ProfileField, string>>; faults: FieldFault[] } {
  const fields: Partial<Record<ProfileField, string>> = {};
  const faults: FieldFault[] = [];
  const take = (field: ProfileField, market: string): void => {
    const input = given[field];
    if (input === undefined || input.trim() === '') return;
    const checked = input.includes('\ufffd')
      ? refuse('encoding-invalid')
      : FIELD_NORMALISERS[field](input, market);
    if (checked.ok) fields[field] = checked.value;
    else faults.push({ field, code: checked.code });
  };
  take('market', defaultMarket);
  const market = fields.market ?? defaultMarket;
  take('country', market);
  for (const field of REST) take(field, field === 'postcode' ? (fields.country ?? market) : market);
  const area =
    fields.postcode !== undefined && /^fr\b/i.test(fields.country ?? market)
      ? areaFromPostcode(fields.postcode)
      : null;
  if (fields.area === undefined && area !== null) fields.area = area;
  return { fields, faults };
}

const REST = [
  'customerKey',
  'email',
  'phone',
  'firstName',
  'lastName',
  'civility',
  'address1',
  'address2',
  'postcode',
  'city',
  'area',
  'locale',
  'timezone',
] as const satisfies readonly Exclude<ProfileField, 'market' | 'country'>[];

/** Somebody must be recognisable: at least one of the three keys. */
export const hasKey = (fields: ProfilePatch['fields']): Checked<true> =>
  fields.customerKey === undefined && fields.email === undefined && fields.phone === undefined
    ? refuse('no-key')
    : accept(true);
