import type { ProfilePatch } from './profile-patch';

type Fields = ProfilePatch['fields'];

/**
 * One spelling per letter box, for comparing: null unless a letter would arrive (a street, a postcode and a town).
 * Capitals without accents or punctuation, so that "12, rue de l'Été" is "12 RUE DE L ETE".
 */
export function postalKey(fields: Fields): string | null {
  const { address1, address2, postcode, city, country } = fields;
  if (address1 === undefined || postcode === undefined || city === undefined) return null;
  return [address1, address2 ?? '', postcode, city, country ?? ''].map(folded).join('\u001f');
}

const folded = (line: string): string =>
  line
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/**
 * What of a known address a patch makes untrue, though it does not say so: an address is one thing. A new street has
 * no longer the old one's floor; a street is not in another town than the one it was given with.
 */
export function outdatedByMove(known: Fields, patch: Fields): readonly ('address1' | 'address2')[] {
  const moved = (field: 'address1' | 'postcode' | 'city' | 'country'): boolean => {
    const [before, after] = [known[field], patch[field]];
    return before !== undefined && after !== undefined && folded(before) !== folded(after);
  };
  if (patch.address1 !== undefined) return moved('address1') || elsewhere(moved, patch) ? ['address2'] : [];
  return elsewhere(moved, patch) ? ['address1', 'address2'] : [];
}

/** Towns are spelt in many ways: where the postcode is said and the same, nobody moved. */
const elsewhere = (moved: (field: 'postcode' | 'city' | 'country') => boolean, patch: Fields): boolean =>
  moved('postcode') || moved('country') || (patch.postcode === undefined && moved('city'));
