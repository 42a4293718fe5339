import type { ProfileField } from '../domain/profiles/mapping';
import {
  emptyProfile,
  mergeProfile,
  sameProfile,
  type Believing,
  type KnownProfile,
} from '../domain/profiles/merge';
import type { ProfileDefaults, ProfilePatch } from '../domain/profiles/profile-patch';
import { samePerson } from '../domain/profiles/same-person';
import { believingNow } from './consistency-rules';
import { copyRows, hexCell } from './copy-rows';
import type { Tx } from './db';
import { fingerprints, type Fingerprints, type KeyKind } from './fingerprint';
import { insertKnown, lockMerging, readKnown, writeKnown } from './known-profiles';
import { mergeProfiles } from './profile-merging';
import { noteOrigins } from './provenance';

export interface MergeOutcome {
  readonly profileId: number;
  readonly outcome: 'created' | 'merged' | 'unchanged';
  /** Keys of the patch that belong to somebody else already and were left with them. */
  readonly conflicts: readonly KeyKind[];
  /** The identity the patch was of, where that one is merged into the profile. */
  readonly originalId: number | null;
}

interface Person {
  id: number;
  known: KnownProfile;
}

/** Somebody who was there before. */
interface OldPerson extends Person {
  readonly before: KnownProfile;
}

/** Keys in the order they are believed. */
const KEYS = [
  ['customer', 'customerKey'],
  ['email', 'email'],
  ['phone', 'phone'],
] as const satisfies readonly (readonly [KeyKind, ProfileField])[];

/**
 * Merges patches in order, each onto the person its customer key, else its e-mail, else its phone belongs to, else
 * onto somebody new. An address alone never joins people whose customer keys differ, nor a telephone those whose customer
 * keys or addresses do: households share them. Keys of two people in one patch make them one where they prove it (samePerson); else the key stays with whom
 * it is of, and the field is left out of the merge, so that one address is never two profiles. What each field says is
 * noted to come from `origin`. Needs the identity role; the caller's transaction makes it one.
 */
export async function mergePatches(
  tx: Tx,
  pepper: string,
  source: string,
  defaults: ProfileDefaults,
  patches: readonly ProfilePatch[],
  origin: (tx: Tx) => Promise<number>,
  prints = fingerprints(pepper),
): Promise<MergeOutcome[]> {
  await lockMerging(tx);
  // Noted once something new is said: the same call again leaves no trace.
  let noted: Promise<number> | undefined;
  const originId = () => (noted ??= origin(tx));
  const outcomes: MergeOutcome[] = [];
  const believing = await believingNow(tx);
  let joined = false;
  let span = patches.length;
  while (outcomes.length < patches.length) {
    const next = patches.slice(outcomes.length, outcomes.length + span);
    const round = await mergeUntilJoin(tx, prints, source, defaults, next, believing, joined, originId);
    outcomes.push(...round.outcomes);
    if (round.join === null) {
      joined = false;
      span *= 2;
      continue;
    }
    const { kept, merged, kind } = round.join;
    await mergeProfiles(tx, pepper, {
      kept: kept.id,
      merged: merged.id,
      reason: kind,
      source,
      by: source,
    });
    joined = true;
    span = AFTER_JOIN;
  }
  return outcomes;
}

/** Patches looked up together once two people were joined: where one is, there are often more, and each ends a look. */
const AFTER_JOIN = 50;

/** Two people a patch shows to be one, and by which key. */
interface Join {
  readonly kept: Person;
  readonly merged: Person;
  readonly kind: KeyKind;
}

/** Up to the first patch that joins two people, who are written by then. `joined`: the first patch has just joined some. */
async function mergeUntilJoin(
  tx: Tx,
  prints: Fingerprints,
  source: string,
  defaults: ProfileDefaults,
  patches: readonly ProfilePatch[],
  believing: Believing,
  joined: boolean,
  originId: () => Promise<number>,
): Promise<{ readonly outcomes: MergeOutcome[]; readonly join: Join | null }> {
  const keysOf = patches.map((p) => keysOfPatch(prints, p));
  const owners = new Map<string, Person>();
  const { people, originals } = await knownOwners(tx, keysOf.flat(), owners);
  const newKeys: NewKey[] = [];
  const claims: { hash: string; person: Person }[] = [];
  const created: Person[] = [];
  const steps: (Pick<MergeOutcome, 'conflicts' | 'originalId'> & {
    person: Person;
    isNew: boolean;
    told: boolean;
  })[] = [];
  let join: Join | null = null;

  for (const [i, patch] of patches.entries()) {
    const keys = keysOf[i] ?? [];
    let person = ownerOf(keys, owners);
    join = joinOf(keys, owners, person);
    if (join !== null) break;
    let isNew = false;
    if (person === undefined) {
      person = { id: 0, known: emptyProfile(defaults) };
      created.push(person);
      isNew = true;
    }
    const conflicts = new Set<KeyKind>();
    for (const key of keys) {
      const owner = owners.get(key.hash);
      if (owner === undefined) {
        owners.set(key.hash, person);
        newKeys.push({ ...key, person });
      } else if (owner !== person) {
        conflicts.add(key.kind);
        if (key.kind === 'phone') claims.push({ hash: key.hash, person });
      }
    }
    const next = mergeProfile(person.known, without(patch, conflicts), believing);
    const told = next !== person.known;
    person.known = next;
    const namedBy = keys.find((key) => owners.get(key.hash) === person);
    const originalId = namedBy === undefined ? null : (originals.get(namedBy.hash) ?? null);
    steps.push({ person, isNew, told, conflicts: [...conflicts], originalId });
  }

  await giveIds(tx, created);
  // Rows that contradict each other may end where they began: then nothing has changed, and nothing is written.
  const changed = people.filter((p) => !sameProfile(p.known, p.before));
  const written = new Set([...created, ...changed]);
  if (written.size > 0) {
    await insertKnown(tx, prints, source, await originId(), created);
    await writeKnown(tx, prints, changed);
    await noteOrigins(tx, await originId(), changed);
  }
  await writeKeys(tx, newKeys);
  await writeClaims(tx, claims);
  const outcomes = steps.map(({ person, isNew, told, conflicts, originalId }, i) => {
    const merged = (told && written.has(person)) || (joined && i === 0);
    return {
      profileId: person.id,
      outcome: isNew ? ('created' as const) : merged ? ('merged' as const) : ('unchanged' as const),
      conflicts,
      originalId,
    };
  });
  return { outcomes, join };
}

function joinOf(
  keys: readonly Key[],
  owners: ReadonlyMap<string, Person>,
  person: Person | undefined,
): Join | null {
  if (person === undefined) return null;
  for (const { kind, hash } of keys) {
    const other = owners.get(hash);
    if (other === undefined || other === person) continue;
    if (samePerson(person.known.fields, other.known.fields, kind))
      return { kept: person, merged: other, kind };
  }
  return null;
}

/** Hashes are of the kind too: no two kinds share one. */
interface Key {
  readonly kind: KeyKind;
  readonly hash: string;
}

/** Computes the fingerprints a patch is merged by, for `prints` to know them. */
export function foresee(prints: Fingerprints, patch: ProfilePatch): void {
  keysOfPatch(prints, patch);
}

function keysOfPatch(prints: Fingerprints, patch: ProfilePatch): Key[] {
  const keys: Key[] = [];
  for (const [kind, field] of KEYS) {
    const value = patch.fields[field];
    if (value !== undefined) keys.push({ kind, hash: prints(kind, value) });
  }
  return keys;
}

function ownerOf(keys: readonly Key[], owners: ReadonlyMap<string, Person>): Person | undefined {
  for (const key of keys) {
    const owner = owners.get(key.hash);
    if (owner === undefined) continue;
    // What proves more says that they are two.
    const { fields } = owner.known;
    const proof = KEYS.findIndex(([kind]) => kind === key.kind);
    if (KEYS.slice(0, proof).some(([kind, field]) => differs(keys, kind, fields[field]))) return undefined;
    return owner;
  }
  return undefined;
}

/** The row has a key of this kind, so has the owner, and the row's is not among the owner's (it would have matched). */
const differs = (keys: readonly Key[], kind: KeyKind, owners: string | undefined): boolean =>
  owners !== undefined && keys.some((k) => k.kind === kind);

function without(patch: ProfilePatch, conflicts: ReadonlySet<KeyKind>): ProfilePatch {
  if (conflicts.size === 0) return patch;
  const fields = { ...patch.fields };
  for (const [kind, field] of KEYS) if (conflicts.has(kind)) delete fields[field];
  return { fields, attributes: patch.attributes };
}

async function knownOwners(
  tx: Tx,
  keys: readonly Key[],
  owners: Map<string, Person>,
): Promise<{ readonly people: OldPerson[]; readonly originals: ReadonlyMap<string, number> }> {
  const wanted: Record<KeyKind, Set<string>> = { customer: new Set(), email: new Set(), phone: new Set() };
  for (const { kind, hash } of keys) wanted[kind].add(hash);
  const hashes = (kind: KeyKind): string => [...wanted[kind]].join('');
  // One text of all hashes a kind, cut up there: as JSON they take longer to read than to look up. One by one, for of a
  // join the planner may think to read all keys.
  const hits = await tx<{ hash: string; id: number; original: number | null }[]>`
    select encode(k.hash, 'hex') as hash, k.profile_id as id, k.original_id as original
    from (values ('customer', decode(${hashes('customer')}, 'hex')), ('email', decode(${hashes('email')}, 'hex')),
      ('phone', decode(${hashes('phone')}, 'hex'))) w (kind, hashes)
    cross join lateral generate_series(1, length(w.hashes), 32) at
    cross join lateral (
      select * from profile_keys k where k.kind = w.kind and k.hash = substring(w.hashes from at for 32) offset 0
    ) k`;
  const known = await readKnown(
    tx,
    hits.map((hit) => hit.id),
  );
  const people = new Map<number, OldPerson>(known.map((one) => [one.id, { ...one, before: one.known }]));
  const originals = new Map<string, number>();
  for (const { hash, id, original } of hits) {
    const person = people.get(id);
    if (person !== undefined) owners.set(hash, person);
    if (original !== null) originals.set(hash, original);
  }
  return { people: [...people.values()], originals };
}

async function giveIds(tx: Tx, created: readonly Person[]): Promise<void> {
  if (created.length === 0) return;
  const ids = await tx<{ id: number }[]>`
    select nextval('boucle.profiles_id_seq') as id from generate_series(1, ${created.length}::int)`;
  created.forEach((person, i) => {
    person.id = ids[i]?.id ?? 0;
  });
}

interface NewKey extends Key {
  readonly person: Person;
}

async function writeKeys(tx: Tx, keys: readonly NewKey[]): Promise<void> {
  await copyRows(
    tx,
    tx`copy profile_keys (kind, hash, profile_id) from stdin`,
    keys.map(({ kind, hash, person }) => [kind, hexCell(hash), person.id]),
  );
}

/** Noted, not believed: a rule over many people asks how many were said to have one telephone. */
async function writeClaims(tx: Tx, claims: readonly { hash: string; person: Person }[]): Promise<void> {
  if (claims.length === 0) return;
  const rows = claims.map(({ hash, person }) => ({ hash, profile_id: person.id }));
  await tx`
    insert into phone_claims (hash, profile_id)
    select decode(hash, 'hex'), profile_id
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(hash text, profile_id bigint)
    order by 1, 2 on conflict do nothing`;
}
