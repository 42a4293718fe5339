import type { PostalAddress } from './ports';

/** NF Z 10-011: six lines (a seventh for a country) of 38 characters. */
const LINE_MAX = 38;

/**
 * The address as it stands in the window of the envelope: who, then ever wider, left-aligned, without empty lines. In
 * France the complement (building, floor) goes above the street, and from the street on all is capitals without
 * punctuation, which sorting machines read best. The country stands last, in capitals and in the sender's language,
 * on letters that leave it.
 */
export function addressBlock(to: PostalAddress, from: PostalAddress, locale: string): string[] {
  const french = to.country === 'FR';
  const street = french ? [to.line2 ?? '', plain(to.line1)] : [to.line1, to.line2 ?? ''];
  const town = french ? plain(`${to.postcode} ${to.city}`) : `${to.postcode} ${to.city}`.toUpperCase();
  const country = to.country === from.country ? '' : countryName(to.country, locale).toUpperCase();
  return [to.name, ...street, town, country].map(tidy).filter((line) => line !== '');
}

const plain = (line: string): string => line.toUpperCase().replace(/[.,;:_"]+/g, ' ');

const tidy = (line: string): string => {
  const text = line.replace(/\s+/g, ' ').trim();
  return text.length <= LINE_MAX ? text : text.slice(0, LINE_MAX).trim();
};

/** `DE` → `Allemagne`; a code nobody knows stays as it is. */
const countryName = (country: string, locale: string): string =>
  new Intl.DisplayNames([locale], { type: 'region' }).of(country) ?? country;
