import type { Scalar } from '../domain/profiles/cells';
import type { ProfileField } from '../domain/profiles/mapping';
import type { KnownProfile } from '../domain/profiles/merge';
import { postalKey } from '../domain/profiles/postal-address';
import { copyRows, hexCell } from './copy-rows';
import type { Tx } from './db';
import type { FingerprintKind, Fingerprints } from './fingerprint';
import { LOCKS } from './locks';
import { originSets } from './provenance';

/** Until the transaction ends, nobody else says who is who. */
export async function lockMerging(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(${LOCKS.merging})`;
}

export interface KnownById {
  readonly id: number;
  readonly known: KnownProfile;
}

/** What is known of people, by id; whoever is not there is left out. Needs the identity role. */
export async function readKnown(tx: Tx, ids: readonly number[]): Promise<KnownById[]> {
  const rows = await tx<KnownRow[]>`
    select p.id, p.market, p.area, p.locale, p.timezone, p.attributes, p.doubtful, i.customer_key, i.civility,
      i.first_name, i.last_name, i.email, i.phone, i.address_1, i.address_2, i.postcode, i.city, i.country
    from profiles p left join identity.people i on i.profile_id = p.id
    where p.id = any(${[...new Set(ids)]}::bigint[])`;
  return rows.map((row) => ({ id: row.id, known: knownOf(row) }));
}

/** Writes people who are there already as they are known now. */
export async function writeKnown(tx: Tx, prints: Fingerprints, people: readonly KnownById[]): Promise<void> {
  if (people.length === 0) return;
  const profiles = people.map((one) => profileOf(prints, one));
  await tx`
    update profiles p set market = x.market, area = x.area, locale = x.locale, timezone = x.timezone,
      email_fp = decode(x.email_fp, 'hex'), phone_fp = decode(x.phone_fp, 'hex'), postal_fp = decode(x.postal_fp, 'hex'),
      attributes = x.attributes, doubtful = array(select jsonb_array_elements_text(x.doubtful)), updated_at = now()
    from json_to_recordset(${JSON.stringify(profiles)}::text::json) as x(id bigint, market text, area text, locale text,
      timezone text, email_fp text, phone_fp text, postal_fp text, attributes jsonb, doubtful jsonb)
    where p.id = x.id`;
  const identities = people.map(identityOf);
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

/** Writes people who are new, with ids of the sequence. What each of their fields says comes from `origin`. */
export async function insertKnown(
  tx: Tx,
  prints: Fingerprints,
  source: string,
  origin: number,
  people: readonly KnownById[],
): Promise<void> {
  const sets = await originSets(tx, origin, people);
  await copyRows(
    tx,
    tx`copy profiles (id, market, area, locale, timezone, email_fp, phone_fp, postal_fp, attributes, doubtful, source,
      origin_set) from stdin`,
    people.map((one, i) => {
      const row = profileOf(prints, one);
      return [
        row.id,
        row.market,
        row.area,
        row.locale,
        row.timezone,
        hexCell(row.email_fp),
        hexCell(row.phone_fp),
        hexCell(row.postal_fp),
        JSON.stringify(row.attributes),
        // Names of fields: nothing in them needs a quote.
        `{${row.doubtful.join(',')}}`,
        source,
        sets[i],
      ];
    }),
  );
  await copyRows(
    tx,
    tx`copy identity.people (profile_id, customer_key, civility, first_name, last_name, email, phone, address_1, address_2, postcode,
      city, country) from stdin`,
    people.map((one) => Object.values(identityOf(one))),
  );
}

function profileOf(prints: Fingerprints, { id, known: { fields, attributes, doubtful } }: KnownById) {
  const hash = (kind: FingerprintKind, value: string | null | undefined): string | null =>
    value === undefined || value === null ? null : prints(kind, value);
  return {
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
  };
}

const identityOf = ({ id, known: { fields } }: KnownById) => ({
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
});

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

function knownOf(row: KnownRow): KnownProfile {
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
  return { fields, attributes: row.attributes, doubtful: [...row.doubtful].sort() };
}
