import { MESSAGE_STEP } from '../../domain/campaigns/steps';
import type { Tx } from '../db';

/** What came with an identity, and is told apart by it (`original_id`). Contacts besides. */
export const CARRIED = ['profile_keys', 'events', 'consent_events', 'devices'] as const;

/**
 * What came with a profile counts for another one, and keeps the number it came with. Two contacts of one step of one
 * campaign cannot both be one person's: of those, the merged profile's stays where it is.
 */
export async function moveRows(tx: Tx, from: number, to: number): Promise<void> {
  for (const table of CARRIED)
    await tx`
      update ${tx(table)} set profile_id = ${to}, original_id = coalesce(original_id, profile_id) where profile_id = ${from}`;
  await tx`
    update contacts c set profile_id = ${to}, original_id = coalesce(original_id, profile_id)
    where profile_id = ${from} and not exists (
      select from contacts k where k.profile_id = ${to} and k.campaign_id = c.campaign_id and k.step = c.step)`;
  // What nobody has begun to send: an order's confirmation is owed to the person.
  await tx`
    update messages m set profile_id = ${to} where profile_id = ${from} and settled_at is null
      and not exists (select from deliveries d where d.campaign_id = m.campaign_id and d.step = ${MESSAGE_STEP} || m.id)`;
}

/** What came with these identities goes back to the profile they stand for: `to` itself and those merged into it before.
 * Answers the ids of the events. */
export async function giveBackRows(
  tx: Tx,
  from: number,
  to: number,
  identities: readonly number[],
): Promise<string[]> {
  const these = [...identities];
  for (const table of ['profile_keys', 'consent_events', 'devices', 'contacts'] as const)
    await tx`
      update ${tx(table)} set profile_id = ${to}, original_id = nullif(original_id, ${to}::bigint)
      where profile_id = ${from} and original_id = any(${these}::bigint[])`;
  const events = await tx<{ id: string }[]>`
    update events set profile_id = ${to}, original_id = nullif(original_id, ${to}::bigint)
    where profile_id = ${from} and original_id = any(${these}::bigint[]) returning id`;
  return events.map(({ id }) => id);
}

/** Whose rows a profile has that are not its own, nor of somebody merged into it. */
export async function straysOf(
  tx: Tx,
  id: number,
): Promise<readonly { readonly stands: number; readonly identities: readonly number[] }[]> {
  const originals = [...CARRIED, 'contacts'].map(
    (table) => tx`select original_id from ${tx(table)} where profile_id = ${id} and original_id is not null`,
  );
  return tx<{ stands: number; identities: number[] }[]>`
    select standing(original_id) as stands, array_agg(original_id order by original_id) as identities
    from (${originals.reduce((all, one) => tx`${all} union ${one}`)}) o
    where standing(original_id) <> ${id} group by 1 order by 1`;
}

/** A profile and all that stand for it, directly or through another. */
export async function identitiesOf(tx: Tx, id: number): Promise<number[]> {
  const rows = await tx<{ id: number }[]>`
    with recursive these as (
      select ${id}::bigint as id union select p.id from profiles p join these t on p.merged_into = t.id
    )
    select id from these order by id`;
  return rows.map((row) => row.id);
}
