import { own } from '../shared/own';
import type { Scalar } from './cells';
import { PROFILE_FIELDS, type ProfileField } from './mapping';
import type { KnownProfile } from './merge';

/** Where a value came from, and when (epoch milliseconds). */
export interface Said {
  readonly source: string;
  readonly atMs: number;
}

/** One of two profiles that turn out to be one person. */
export interface Side {
  readonly known: KnownProfile;
  /** By field and `attributes.<name>`; what is missing came before origins were kept, or by default. */
  readonly said: Readonly<Record<string, Said>>;
  /** Of the profile as a whole, for values nothing is kept of. */
  readonly whole: Said;
}

export interface Joined {
  readonly known: KnownProfile;
  /** The source whose value stands, by field and `attributes.<name>`. */
  readonly won: Readonly<Record<string, string>>;
  /** The names whose value is the merged profile's. */
  readonly taken: readonly string[];
}

/** Said and moved as one: half of each is nobody's address. */
const ADDRESS = [
  'address1',
  'address2',
  'postcode',
  'city',
  'country',
  'area',
] as const satisfies readonly ProfileField[];
const ALONE = PROFILE_FIELDS.filter((field) => !ADDRESS.some((part) => part === field));

/**
 * Two profiles as one: the later source wins, field by field and the address as a whole; where both are of the same moment
 * the kept one's stands. What somebody said beats what nobody did (a market by default). A doubt goes with its value.
 */
export function joinProfiles(kept: Side, merged: Side): Joined {
  const fields: Partial<Record<ProfileField, string>> = {};
  const attributes: Record<string, Scalar> = {};
  const won: Record<string, string> = {};
  const taken: string[] = [];
  const doubtful = new Set<string>();
  const stands = (name: string, side: Side): void => {
    won[name] = (side.said[name] ?? side.whole).source;
    if (side === merged) taken.push(name);
    if (side.known.doubtful.includes(name)) doubtful.add(name);
  };
  const takeFields = (names: readonly ProfileField[]): void => {
    const side = later(kept, merged, names);
    for (const name of names) {
      const value = side.known.fields[name];
      if (value === undefined) continue;
      fields[name] = value;
      stands(name, side);
    }
  };
  for (const field of ALONE) takeFields([field]);
  takeFields(ADDRESS);
  for (const name of [
    ...Object.keys(kept.known.attributes),
    ...Object.keys(merged.known.attributes),
  ].sort()) {
    if (Object.hasOwn(attributes, name)) continue;
    const side = laterAttribute(kept, merged, name);
    const value = own(side.known.attributes, name);
    if (value === undefined) continue;
    attributes[name] = value;
    stands(`attributes.${name}`, side);
  }
  return { known: { fields, attributes, doubtful: [...doubtful].sort() }, won, taken };
}

function later(kept: Side, merged: Side, names: readonly ProfileField[]): Side {
  const has = (side: Side): boolean => names.some((name) => side.known.fields[name] !== undefined);
  if (!has(merged)) return kept;
  if (!has(kept)) return merged;
  return outdoes(said(merged, names), said(kept, names), merged, kept) ? merged : kept;
}

function laterAttribute(kept: Side, merged: Side, name: string): Side {
  if (own(merged.known.attributes, name) === undefined) return kept;
  if (own(kept.known.attributes, name) === undefined) return merged;
  const key = `attributes.${name}`;
  return outdoes(said(merged, [key]), said(kept, [key]), merged, kept) ? merged : kept;
}

/** When the last of them was said; null: nothing is kept of that. */
function said(side: Side, names: readonly string[]): number | null {
  const moments = names.flatMap((name) => side.said[name]?.atMs ?? []);
  return moments.length === 0 ? null : Math.max(...moments);
}

function outdoes(a: number | null, b: number | null, aSide: Side, bSide: Side): boolean {
  if (a === null && b === null) return aSide.whole.atMs > bSide.whole.atMs;
  if (a === null || b === null) return a !== null;
  return a > b;
}
