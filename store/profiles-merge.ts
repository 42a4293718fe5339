import type { ProfileField } from '../domain/profiles/mapping';
import { emptyProfile, mergeProfile, sameProfile, type KnownProfile } from '../domain/profiles/merge';
import { postalKey } from '../domain/profiles/postal-address';
import type { ProfileDefaults, ProfilePatch } from '../domain/profiles/profile-patch';
import type { Scalar } from '../domain/profiles/cells';
import type { Tx } from './db';
import { fingerprint, type FingerprintKind, type KeyKind } from './fingerprint';

/** Merges are taken one batch at a time over the whole database: two at once could both create the same person. */
const MERGE_LOCK = 7_216_002;

export interface MergeOutcome {
  readonly profileId: number;
  readonly outcome: 'created' | 'merged' | 'unchanged';
  /** Keys of the patch that belong to somebody else already and were left with them. */
  readonly conflicts: readonly KeyKind[];
}

interface Person {
  id: number;
  known: KnownProfile;
  readonly before: KnownProfile | null;
}

/** Keys in the order they are believed. */
const KEYS = [
  ['customer', 'customerKey'],
  ['email', 'email'],
  ['phone', 'phone'],
] as const satisfies readonly (readonly [KeyKind, ProfileField])[];

/**
 * Merges patches in order, each onto the person its customer key, else its e-mail, else its phone belongs to, else
 * onto somebody new. A telephone alone never joins people whose customer keys or addresses differ: households share
 * landlines. A key that is another person's stays theirs, and the field is left out of the merge, so that one
 * address is never two profiles. Needs the identity role; the caller's transaction makes it one.
 */
export async function mergePatches(
  tx: Tx,
  pepper: string,
  source: string,
  defaults: ProfileDefaults,
  patches: readonly ProfilePatch[],
): Promise<MergeOutcome[]> {
  await tx`select pg_advisory_xact_lock(${MERGE_LOCK})`;
  const keysOf = patches.map((p) => keysOfPatch(pepper, p));
  const owners = new Map<string, Person>();
  const people = await knownOwners(tx, keysOf.flat(), owners);
  const newKeys = new Map<string, { kind: KeyKind; hash: string; person: Person }>();
  const created: Person[] = [];

  const steps = patches.map((patch, i) => {
    const keys = keysOf[i] ?? [];
    let person = ownerOf(keys, owners);
    let isNew = false;
    if (person === undefined) {
      person = { id: 0, known: emptyProfile(defaults), before: null };
      created.push(person);
      isNew = true;
    }
    const conflicts = new Set<KeyKind>();
    for (const key of keys) {
      const owner = owners.get(key.name);
      if (owner === undefined) {
        owners.set(key.name, person);
        newKeys.set(key.name, { kind: key.kind, hash: key.hash, person });
      } else if (owner !== person) conflicts.add(key.kind);
    }
    const next = mergeProfile(person.known, without(patch, conflicts));
    const told = next !== person.known;
    person.known = next;
    return { person, isNew, told, conflicts: [...conflicts] };
  });

  await giveIds(tx, created);
  // Rows that contradict each other may end where they began: then nothing has changed, and nothing is written.
  const changed = new Set([
    ...created,
    ...people.filter((p) => p.before === null || !sameProfile(p.known, p.before)),
  ]);
  await writePeople(tx, pepper, source, [...changed]);
  await writeKeys(tx, [...newKeys.values()]);
  return steps.map(({ person, isNew, told, conflicts }) => {
    const outcome = isNew ? 'created' : told && changed.has(person) ? 'merged' : 'unchanged';
    return { profileId: person.id, outcome, conflicts };
  });
}

interface Key {
  readonly kind: KeyKind;
  readonly hash: string;
  readonly name: string;
}

function keysOfPatch(pepper: string, patch: ProfilePatch): Key[] {
  return KEYS.flatMap(([kind, field]) => {
    const value = patch.fields[field];
    if (value === undefined) return [];
    const hash = fingerprint(pepper, kind, value).toString('hex');
    return [{ kind, hash, name: `${kind} ${hash}` }];
  });
}

function ownerOf(keys: readonly Key[], owners: ReadonlyMap<string, Person>): Person | undefined {
  for (const key of keys) {
    const owner = owners.get(key.name);
    if (owner === undefined) continue;
    if (
      key.kind === 'phone' &&
      KEYS.some(([kind, field]) => kind !== 'phone' && differs(keys, kind, owner.known.fields[field]))
    ) {
      return undefined;
    }
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

interface KnownRow {
  id: number;
  market: string;
  area: string | null;
  locale: string;
  timezone: string | null;
  attributes: Record<string, Scalar>;
  doubtful: string[];
  customer_key: string | null;
  civility: string | null;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string | null;
  address_1: string | null;
  address_2: string | null;
  postcode: string | null;
  city: string | null;
  country: string | null;
}

async function knownOwners(tx: Tx, keys: readonly Key[], owners: Map<string, Person>): Promise<Person[]> {
  const wanted = JSON.stringify(keys.map(({ kind, hash }) => ({ kind, hash })));
  const hits = await tx<{ name: string; id: number }[]>`
    select k.kind || ' ' || encode(k.hash, 'hex') as name, k.profile_id as id
    from (select distinct kind, hash from json_to_recordset(${wanted}::text::json) as x(kind text, hash text)) w
    join profile_keys k on k.kind = w.kind and k.hash = decode(w.hash, 'hex')`;
  const rows = await tx<KnownRow[]>`
    select p.id, p.market, p.area, p.locale, p.timezone, p.attributes, p.doubtful, i.customer_key, i.civility,
      i.first_name, i.last_name, i.email, i.phone, i.address_1, i.address_2, i.postcode, i.city, i.country
    from profiles p left join identity.people i on i.profile_id = p.id
    where p.id = any(${[...new Set(hits.map((h) => h.id))]}::bigint[])`;
  const people = new Map(rows.map((row) => [row.id, knownPerson(row)]));
  for (const { name, id } of hits) {
    const person = people.get(id);
    if (person !== undefined) owners.set(name, person);
  }
  return [...people.values()];
}

function knownPerson(row: KnownRow): Person {
  const all: Record<ProfileField, string | null> = {
    customerKey: row.customer_key,
    email: row.email,
    phone: row.phone,
    firstName: row.first_name,
    lastName: row.last_name,
    civility: row.civility,
    address1: row.address_1,
    address2: row.address_2,
    postcode: row.postcode,
    city: row.city,
    country: row.country,
    area: row.area,
    market: row.market,
    locale: row.locale,
    timezone: row.timezone,
  };
  const fields: Partial<Record<ProfileField, string>> = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  const known: KnownProfile = { fields, attributes: row.attributes, doubtful: [...row.doubtful].sort() };
  return { id: row.id, known, before: known };
}

async function giveIds(tx: Tx, created: readonly Person[]): Promise<void> {
  if (created.length === 0) return;
  const ids = await tx<{ id: number }[]>`
    select nextval('boucle.profiles_id_seq') as id from generate_series(1, ${created.length}::int)`;
  created.forEach((person, i) => {
    person.id = ids[i]?.id ?? 0;
  });
}

async function writePeople(tx: Tx, pepper: string, source: string, people: readonly Person[]): Promise<void> {
  if (people.length === 0) return;
  const hash = (kind: FingerprintKind, value: string | null | undefined): string | null =>
    value === undefined || value === null ? null : fingerprint(pepper, kind, value).toString('hex');
  const profiles = people.map(({ id, known: { fields, attributes, doubtful } }) => ({
    id,
    market: fields.market,
    area: fields.area,
    locale: fields.locale,
    timezone: fields.timezone,
    email_fp: hash('email', fields.email),
    phone_fp: hash('phone', fields.phone),
    postal_fp: hash('postal', postalKey(fields)),
    attributes,
    doubtful,
  }));
  await tx`
    insert into profiles (id, market, area, locale, timezone, email_fp, phone_fp, postal_fp, attributes, doubtful,
      source)
    overriding system value
    select id, market, area, locale, timezone, decode(email_fp, 'hex'), decode(phone_fp, 'hex'), decode(postal_fp, 'hex'),
      attributes, array(select jsonb_array_elements_text(doubtful)), ${source}
    from json_to_recordset(${JSON.stringify(profiles)}::text::json) as x(id bigint, market text, area text, locale text,
      timezone text, email_fp text, phone_fp text, postal_fp text, attributes jsonb, doubtful jsonb)
    on conflict (id) do update set market = excluded.market, area = excluded.area, locale = excluded.locale,
      timezone = excluded.timezone, email_fp = excluded.email_fp, phone_fp = excluded.phone_fp,
      postal_fp = excluded.postal_fp, attributes = excluded.attributes, doubtful = excluded.doubtful, updated_at = now()`;
  const identities = people.map(({ id, known: { fields } }) => ({
    profile_id: id,
    customer_key: fields.customerKey,
    civility: fields.civility,
    first_name: fields.firstName,
    last_name: fields.lastName,
    email: fields.email,
    phone: fields.phone,
    address_1: fields.address1,
    address_2: fields.address2,
    postcode: fields.postcode,
    city: fields.city,
    country: fields.country,
  }));
  await tx`
    insert into identity.people as p (profile_id, customer_key, civility, first_name, last_name, email, phone, address_1,
      address_2, postcode, city, country)
    select profile_id, customer_key, civility, first_name, last_name, email, phone, address_1, address_2, postcode, city,
      country
    from json_to_recordset(${JSON.stringify(identities)}::text::json) as x(profile_id bigint, customer_key text,
      civility text, first_name text, last_name text, email text, phone text, address_1 text,
      address_2 text, postcode text, city text, country text)
    on conflict (profile_id) do update set customer_key = excluded.customer_key, civility = excluded.civility,
      first_name = excluded.first_name, last_name = excluded.last_name, email = excluded.email,
      phone = excluded.phone, address_1 = excluded.address_1, address_2 = excluded.address_2,
      postcode = excluded.postcode, city = excluded.city, country = excluded.country, updated_at = now()`;
}

async function writeKeys(
  tx: Tx,
  keys: readonly { kind: KeyKind; hash: string; person: Person }[],
): Promise<void> {
  if (keys.length === 0) return;
  const rows = keys.map(({ kind, hash, person }) => ({ kind, hash, profile_id: person.id }));
  await tx`
    insert into profile_keys (kind, hash, profile_id)
    select kind, decode(hash, 'hex'), profile_id
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as x(kind text, hash text, profile_id bigint)`;
}
