import type { Tx } from '../db';

const sourceOf = (mergeId: number): string => `profile-merge:${mergeId}`;

/**
 * Whoever complained or objected by one of their addresses is not written to at the other: the address the two are reached
 * at now is suppressed as well. A bounce is of an address alone.
 */
export async function joinSuppressions(
  tx: Tx,
  { kept, merged, mergeId, by }: { kept: number; merged: number; mergeId: number; by: string },
  before: readonly Addresses[],
): Promise<void> {
  await tx`
    insert into suppressions (fingerprint, scope, reason, source, recorded_by)
    select distinct on (now.fingerprint, s.scope) now.fingerprint, s.scope, s.reason, ${sourceOf(mergeId)}, ${by}
    from json_to_recordset(${JSON.stringify(before)}::text::json) as was(email text, phone text, postal text)
    cross join lateral (values ('email', was.email), ('phone', was.phone), ('postal', was.postal)) old(kind, hex)
    join suppressions s on s.fingerprint = decode(old.hex, 'hex') and s.reason in ('complaint', 'objection')
    join profiles p on p.id in (${kept}, ${merged})
    cross join lateral (values ('email', p.email_fp), ('phone', p.phone_fp), ('postal', p.postal_fp)) now(kind, fingerprint)
    where now.kind = old.kind and now.fingerprint is not null
    order by now.fingerprint, s.scope, s.reason desc
    on conflict (fingerprint, scope) do nothing`;
}

export async function partSuppressions(tx: Tx, mergeId: number): Promise<void> {
  await tx`delete from suppressions where source = ${sourceOf(mergeId)}`;
}

/** Fingerprints in hex. */
export interface Addresses {
  readonly email: string | null;
  readonly phone: string | null;
  readonly postal: string | null;
}

export async function addressesOf(tx: Tx, ids: readonly number[]): Promise<Addresses[]> {
  return [
    ...(await tx<Addresses[]>`
      select encode(email_fp, 'hex') as email, encode(phone_fp, 'hex') as phone, encode(postal_fp, 'hex') as postal
      from profiles where id = any(${[...ids]}::bigint[])`),
  ];
}
