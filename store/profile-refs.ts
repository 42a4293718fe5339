import { normaliseEmail } from '../domain/profiles/email';
import { normalisePhone } from '../domain/profiles/phone';
import { normaliseText } from '../domain/profiles/text-fields';
import type { ProfileRef } from '../domain/events/event';
import type { Sql } from './db';
import { fingerprint, type KeyKind } from './fingerprint';

/** Somebody, and the identity they were named by: another one where two profiles were merged. */
export interface Resolved {
  readonly id: number;
  /** null: their own. */
  readonly originalId: number | null;
}

/**
 * The profile id each reference stands for, in the same order; null where nobody is known by it. One statement for
 * all of them, and no look at the schema identity: keys are compared by fingerprint.
 */
export async function resolveProfileRefs(
  sql: Sql,
  pepper: string,
  refs: readonly ProfileRef[],
): Promise<(number | null)[]> {
  return (await resolveIdentities(sql, pepper, refs)).map((found) => found?.id ?? null);
}

/** The same, with the identity each reference is of: what comes by it goes back with it if a merge is undone. */
export async function resolveIdentities(
  sql: Sql,
  pepper: string,
  refs: readonly ProfileRef[],
): Promise<(Resolved | null)[]> {
  const wanted = refs.map((ref, ordinal) => ({ ordinal, ...target(pepper, ref) }));
  const rows = await sql<{ ordinal: number; id: number; original: number | null }[]>`
    with recursive wanted as materialized (
      select * from json_to_recordset(${JSON.stringify(wanted)}::text::json) as x(ordinal int, id bigint, kind text, hash text)
    ), standing as (
      select w.ordinal, p.id, p.merged_into, w.id as named from wanted w join profiles p on p.id = w.id where w.id is not null
      union all
      -- Looked up one by one: taken for a thousand, they would be joined to a scan of all profiles.
      select s.ordinal, p.id, p.merged_into, s.named
      from standing s cross join lateral (select id, merged_into from profiles where id = s.merged_into offset 0) p
    )
    select ordinal, id, nullif(named, id) as original from standing where merged_into is null
    union all
    select w.ordinal, k.profile_id, k.original_id from wanted w
    join profile_keys k on k.kind = w.kind and k.hash = decode(w.hash, 'hex') where w.kind is not null`;
  const byOrdinal = new Map(rows.map((r) => [r.ordinal, { id: r.id, originalId: r.original }]));
  return refs.map((_, i) => byOrdinal.get(i) ?? null);
}

type Target =
  { readonly id: number } | { readonly kind: KeyKind; readonly hash: string } | Record<never, never>;

function target(pepper: string, ref: ProfileRef): Target {
  if ('id' in ref) return { id: ref.id };
  const kind = 'email' in ref ? 'email' : 'phone' in ref ? 'phone' : 'customer';
  const normalised =
    'email' in ref
      ? normaliseEmail(ref.email)
      : 'phone' in ref
        ? normalisePhone(ref.phone)
        : normaliseText(ref.customerKey);
  return normalised.ok ? { kind, hash: fingerprint(pepper, kind, normalised.value).toString('hex') } : {};
}
