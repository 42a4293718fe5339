import { normaliseEmail } from '../domain/profiles/email';
import { normalisePhone } from '../domain/profiles/phone';
import { normaliseText } from '../domain/profiles/text-fields';
import type { ProfileRef } from '../domain/events/event';
import type { Sql } from './db';
import { fingerprint, type KeyKind } from './fingerprint';

/**
 * The profile id each reference stands for, in the same order; null where nobody is known by it. One statement for
 * all of them, and no look at the schema identity: keys are compared by fingerprint.
 */
export async function resolveProfileRefs(
  sql: Sql,
  pepper: string,
  refs: readonly ProfileRef[],
): Promise<(number | null)[]> {
  const wanted = refs.map((ref, ordinal) => ({ ordinal, ...target(pepper, ref) }));
  const rows = await sql<{ ordinal: number; id: number }[]>`
    with wanted as materialized (
      select * from json_to_recordset(${JSON.stringify(wanted)}::text::json) as x(ordinal int, id bigint, kind text, hash text)
    )
    select w.ordinal, p.id from wanted w join profiles p on p.id = w.id where w.id is not null
    union all
    select w.ordinal, k.profile_id from wanted w
    join profile_keys k on k.kind = w.kind and k.hash = decode(w.hash, 'hex') where w.kind is not null`;
  const byOrdinal = new Map(rows.map((r) => [r.ordinal, r.id]));
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
