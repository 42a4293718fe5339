import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import { accept, refuse, type Checked } from './checked';

const country = (market: string): CountryCode => {
  const code = market.slice(0, 2).toUpperCase();
  return isSupportedCountry(code) ? code : 'FR';
};

/**
 * E.164 (`+33612345678`). Without a country prefix the number is read in the plan of the market (`BE`, `fr-CH`…;
 * unknown markets as France). Must exist in its plan, not only have the right length.
 */
export function normalisePhone(input: string, market = 'FR'): Checked<string> {
  const parsed = parsePhoneNumberFromString(input.trim(), {
    defaultCountry: country(market),
    extract: false,
  });
  return parsed?.isValid() === true ? accept(parsed.number) : refuse('phone-invalid');
}
