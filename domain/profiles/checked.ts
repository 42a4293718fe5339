/** Why a value was refused. Codes are shown in import reports and API faults; the value itself never is. */
export const REJECT_REASONS = {
  missing: 'a value is required here',
  'no-key': 'neither customer key, nor e-mail, nor phone: nobody to attach the row to',
  'email-invalid': 'not an e-mail address that can be written to',
  'phone-invalid': 'not a telephone number that exists in its numbering plan',
  'postcode-invalid': 'not a postcode of this market',
  'country-unknown': 'neither a country’s two-letter code (ISO 3166-1) nor its French or English name',
  'area-unknown': 'neither the official code of an area, nor its name, nor a postcode in it',
  'area-is-region': 'a region, not a département: map it to an attribute of type region',
  'region-unknown': 'neither a region’s official code nor its name',
  'locale-invalid': 'neither a locale such as fr or fr-BE nor the name of a language',
  'timezone-unknown': 'not a time zone such as Europe/Paris',
  'market-invalid': 'not a market: two to twenty letters, digits or dashes',
  'civility-unknown': 'not a civility that is known (M., Mme)',
  'text-invalid': 'control characters, or longer than 500 characters',
  'encoding-invalid': 'bytes that are not UTF-8',
  'number-invalid': 'not a number',
  'integer-invalid': 'not a whole number',
  'boolean-invalid': 'not one of the mapping’s words for yes and no (else 1/0, true/false, oui/non)',
  'date-invalid': 'not a date of the declared format (else 2026-05-31, 31/05/2026 or ISO 8601)',
  'date-in-future': 'lies in the future',
  'money-invalid': 'not an amount of its currency',
  'consent-unknown': 'not one of the cells the mapping knows',
  'proof-invalid': 'not an id or a code: visible ASCII without @ or blanks, at most 200',
  'wording-invalid': 'longer than 5,000 characters, or with characters that cannot be stored',
  'wrong-column-count': 'not as many cells as the header has',
  'quotes-broken': 'a quote is not closed, or something follows a closing quote',
  'json-broken': 'not a JSON object',
  'json-nested': 'a list or an object stands where a value belongs',
  'line-too-long': 'a line of more than 256 K characters',
  'key-conflict': 'this key belongs to another person already; the row was merged without it',
} as const;

export type RejectCode = keyof typeof REJECT_REASONS;

/** An expected outcome: the normalised value, or the code of why there is none. */
export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: RejectCode };

export const accept = <T>(value: T): Checked<T> => ({ ok: true, value });
export const refuse = (code: RejectCode): { readonly ok: false; readonly code: RejectCode } => ({
  ok: false,
  code,
});
