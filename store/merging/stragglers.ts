import type { Sql } from '../db';
import { lockMerging } from '../known-profiles';
import { joinConsents, noesOf } from './join-consents';
import { joinInterests, shiftInterests } from './join-interests';
import { CARRIED, giveBackRows, identitiesOf, moveRows } from './move-rows';

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
      and (p.merged_into is null or ${left.reduce((all, one) => sql`${all} or ${one}`)}
        or exists (select from messages where profile_id = m.merged and settled_at is null))
    order by m.id`;
  for (const { id } of recent)
    await sql.begin(async (tx) => {
      await lockMerging(tx);
      const [merge] = await tx<{ kept: number; merged: number; by: string; into: number | null }[]>`
        select m.kept, m.merged, m.merged_by as by, p.merged_into as into
        from profile_merges m join profiles p on p.id = m.merged where m.id = ${id}`;
      if (merge === undefined) return;
      const { kept, merged, by, into } = merge;
      if (into === null) {
        const events = await giveBackRows(tx, kept, merged, await identitiesOf(tx, merged));
        await shiftInterests(tx, kept, merged, events);
        return;
      }
      if (into !== kept) return;
      const [standing] = await tx<{ id: number }[]>`
        with recursive up as (
          select id, merged_into from profiles where id = ${kept}
          union all select p.id, p.merged_into from profiles p join up on p.id = up.merged_into
        )
        select id from up where merged_into is null`;
      if (standing === undefined) return;
      const noes = await noesOf(tx, [merged]);
      await moveRows(tx, merged, standing.id);
      await joinConsents(tx, { kept: standing.id, merged, mergeId: id, by }, noes);
      await joinInterests(tx, standing.id, merged);
    });
  return recent.length;
}
