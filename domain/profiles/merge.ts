import type { Scalar } from './cells';
import { countryOfMarket } from './country';
import { doubtsOf, type RecordRule } from './doubt';
import type { ProfileField } from './mapping';
import { outdatedByMove } from './postal-address';
import type { ProfileDefaults, ProfilePatch } from './profile-patch';

/** One person as known so far. */
export interface KnownProfile {
  readonly fields: Readonly<Partial<Record<ProfileField, string>>>;
  readonly attributes: Readonly<Record<string, Scalar>>;
  readonly doubtful: readonly string[];
}

/** What values are believed by. */
export interface Believing {
  readonly rules: readonly RecordRule[];
  /** ISO 8601 day. */
  readonly today: string;
}
const NOTHING_DOUBTED: Believing = { rules: [], today: '' };

/** Somebody new: only what every profile has. */
export const emptyProfile = (defaults: ProfileDefaults): KnownProfile => ({
  fields: { market: defaults.market, locale: defaults.locale },
  attributes: {},
  doubtful: [],
});

/**
 * What is known once a patch is in: the later source wins field by field, and saying nothing erases nothing (but the
 * rest of an address somebody has moved from).
 * Answers the very same object when the patch tells nothing new.
 */
export function mergeProfile(
  known: KnownProfile,
  patch: ProfilePatch,
  { rules, today }: Believing = NOTHING_DOUBTED,
): KnownProfile {
  const kept = { ...known.fields };
  for (const field of outdatedByMove(known.fields, patch.fields)) delete kept[field];
  const fields = { ...kept, ...patch.fields };
  if (fields.address1 !== undefined) fields.country ??= countryOfMarket(fields.market ?? 'FR');
  const attributes = { ...known.attributes };
  for (const [name, value] of Object.entries(patch.attributes)) {
    if (value === null) delete attributes[name];
    else attributes[name] = value;
  }
  const doubtful = doubtsOf(rules, known, { fields, attributes }, patch, today);
  const next: KnownProfile = { fields, attributes, doubtful };
  return sameProfile(known, next) ? known : next;
}

export function sameProfile(a: KnownProfile, b: KnownProfile): boolean {
  return (
    sameRecord(a.fields, b.fields) &&
    sameRecord(a.attributes, b.attributes) &&
    a.doubtful.join() === b.doubtful.join()
  );
}

function sameRecord(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(b);
  return names.length === Object.keys(a).length && names.every((n) => a[n] === b[n]);
}
