import type { Sql, Tx } from '../db';
import { lockMerging } from '../known-profiles';
import { joinConsents, noesOf } from './join-consents';
import { joinInterests, shiftInterests } from './join-interests';
import { CARRIED, giveBackRows, moveRows, straysOf } from './move-rows';

/** Longer than any transaction takes that writes about people. */
const RECENT_MINUTES = 60;

/** Nothing of it stays with a profile that is merged away, but for a second contact of one step. */
const LEFT = [...CARRIED, 'consent_state', 'interests', 'contacts'] as const;

/**
 * Brings along what was being written about a profile while it was merged or parted: a transaction that began before saw
 * it as it was. Rather than a lock that every event would have to take. Answers how many merges were gone through: a file
 * may merge tens of thousands of people, and hardly any of them has left something behind.
 */
export async function bringStragglers(sql: Sql): Promise<number> {
  const left = LEFT.map((table) => sql`exists (select from ${sql(table)} where profile_id = m.merged)`);
  const recent = await sql<{ id: number }[]>`
    select m.id from profile_merges m join profiles p on p.id = m.merged
    where coalesce(m.undone_at, m.merged_at) > now() - make_interval(mins => ${RECENT_MINUTES})
      and (m.undone_at is not null or ${left.reduce((all, one) => sql`${all} or ${one}`)}
        or exists (select from messages where profile_id = m.merged and settled_at is null))
    order by m.id`;
  for (const { id } of recent)
    await sql.begin(async (tx) => {
      await lockMerging(tx);
      const [merge] = await tx<
        { kept: number; merged: number; by: string; undone: boolean; into: number | null; standing: number }[]
      >`
        select m.kept, m.merged, m.merged_by as by, m.undone_at is not null as undone, p.merged_into as into,
          standing(m.kept) as standing
        from profile_merges m join profiles p on p.id = m.merged where m.id = ${id}`;
      if (merge === undefined) return;
      const { kept, merged, by, undone, into, standing } = merge;
      if (undone) for (const from of new Set([kept, standing])) await giveBackStrays(tx, from);
      if (into !== kept) return;
      const noes = await noesOf(tx, [merged]);
      await moveRows(tx, merged, standing);
      await joinConsents(tx, { kept: standing, merged, mergeId: id, by }, noes);
      await joinInterests(tx, standing, merged);
    });
  return recent.length;
}

/** What came for somebody who stands apart again, or for another by now. */
async function giveBackStrays(tx: Tx, from: number): Promise<void> {
  for (const { stands, identities } of await straysOf(tx, from)) {
    const events = await giveBackRows(tx, from, stands, identities);
    await shiftInterests(tx, from, stands, events);
  }
}
