import type { KnownProfile } from './merge';

type Fields = KnownProfile['fields'];

/**
 * Whether a key that came with somebody else's proves that both are one person. A customer number or an e-mail address
 * does, unless each has a customer number of its own: a source that numbers people knows that it has two of them, and
 * couples share an address. A telephone does not, for households share it: it only brings in somebody of whom nothing but
 * that telephone is known, under no other name.
 */
export function samePerson(kept: Fields, other: Fields, by: 'customer' | 'email' | 'phone'): boolean {
  if (differ(kept.customerKey, other.customerKey)) return false;
  if (by !== 'phone') return true;
  return (
    other.customerKey === undefined &&
    other.email === undefined &&
    !differ(folded(kept.firstName), folded(other.firstName)) &&
    !differ(folded(kept.lastName), folded(other.lastName))
  );
}

const differ = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && a !== b;

const folded = (name: string | undefined): string | undefined =>
  name?.normalize('NFC').toLocaleLowerCase('fr');
