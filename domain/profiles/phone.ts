import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import { accept, refuse, type Checked } from './checked';

const country = (market: string): CountryCode => {
  const code = market.slice(0, 2).toUpperCase();
  return isSupportedCountry(code) ? code : 'FR';
};

/**
 * Ten digits, as the French write them. But for 08, the first five tell what is in use: the plan is asked of each such block
 * once, for one number takes it 10 µs, a seventh of what an import does for a person.
 */
const FRENCH = /^0[1-79](?:[ .-]?\d\d){4}$/;
const FRENCH_BLOCKS = new Map<string, boolean>();

function existsInFrance(digits: string): boolean {
  const block = digits.slice(0, 5);
  const known = FRENCH_BLOCKS.get(block);
  if (known !== undefined) return known;
  const exists = parsePhoneNumberFromString(digits, { defaultCountry: 'FR' })?.isValid() === true;
  FRENCH_BLOCKS.set(block, exists);
  return exists;
}

/**
 * E.164 (`+33612345678`). Without a country prefix the number is read in the plan of the market (`BE`, `fr-CH`…;
 * unknown markets as France). Must exist in its plan, not only have the right length.
 */
export function normalisePhone(input: string, market = 'FR'): Checked<string> {
  const [text, defaultCountry] = [input.trim(), country(market)];
  if (defaultCountry === 'FR' && FRENCH.test(text)) {
    const digits = text.replace(/\D/g, '');
    return existsInFrance(digits) ? accept(`+33${digits.slice(1)}`) : refuse('phone-invalid');
  }
  const parsed = parsePhoneNumberFromString(text, { defaultCountry, extract: false });
  return parsed?.isValid() === true ? accept(parsed.number) : refuse('phone-invalid');
}
