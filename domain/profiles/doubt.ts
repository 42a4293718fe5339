import { areaFromPostcode } from './area';
import type { ProfilePatch } from './profile-patch';

/**
 * Addresses that are well formed and all but surely mistyped: a letter out of place in the providers most people
 * use. They are kept as given and not believed; nobody guesses the right one.
 */
const MISTYPED_HOSTS = new Set([
  'gmial.com',
  'gmal.com',
  'gmai.com',
  'gmail.co',
  'gmail.con',
  'gamil.com',
  'gnail.com',
  'gmail.fr',
  'hotmial.com',
  'hotmal.com',
  'hotmai.fr',
  'hotmial.fr',
  'hotmail.con',
  'outlok.com',
  'outlook.con',
  'yaho.fr',
  'yahoo.con',
  'yaho.com',
  'ornage.fr',
  'oragne.fr',
  'orange.com.fr',
  'wanado.fr',
  'wandoo.fr',
  'laposte.com',
  'free.com.fr',
]);

/** Which of the fields a patch gives are not to be believed, and which it clears of an earlier doubt. */
export function doubts(fields: ProfilePatch['fields']): { doubtful: string[]; believed: string[] } {
  const doubtful: string[] = [];
  const believed: string[] = [];
  const judge = (field: string, doubt: boolean): void => {
    (doubt ? doubtful : believed).push(field);
  };
  if (fields.email !== undefined)
    judge('email', MISTYPED_HOSTS.has(fields.email.slice(fields.email.lastIndexOf('@') + 1)));
  if (fields.area !== undefined && fields.postcode !== undefined) {
    const expected = areaFromPostcode(fields.postcode);
    judge('area', expected !== null && expected !== fields.area);
  }
  return { doubtful, believed };
}
