import { getCountries, isSupportedCountry } from 'libphonenumber-js/max';
import { accept, refuse, type Checked } from './checked';

const folded = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^A-Z]+/g, ' ')
    .trim();

/** French and English names files write countries with. */
const NAMES = new Map(
  ['fr', 'en'].flatMap((language) => {
    const names = new Intl.DisplayNames([language], { type: 'region' });
    return getCountries().map((code) => [folded(names.of(code) ?? code), code] as const);
  }),
);

/** ISO 3166-1 alpha-2, from that or from the country's French or English name. */
export function normaliseCountry(input: string): Checked<string> {
  const code = input.trim().toUpperCase();
  if (isSupportedCountry(code)) return accept(code);
  const named = NAMES.get(folded(input));
  return named === undefined ? refuse('country-unknown') : accept(named);
}

/** Where somebody of a market lives unless they say otherwise: `fr-CH` is of Switzerland, `BE` of Belgium. */
export function countryOfMarket(market: string): string {
  for (const part of market.toUpperCase().split('-').reverse()) if (isSupportedCountry(part)) return part;
  return 'FR';
}
