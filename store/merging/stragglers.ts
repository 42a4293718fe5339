import type { Sql } from '../db';
import { lockMerging } from '../known-profiles';
import { joinConsents, noesOf } from './join-consents';
import { joinInterests, shiftInterests } from './join-interests';
import { giveBackRows, identitiesOf, moveRows } from './move-rows';

/** Longer than any transaction takes that writes about people. */
const RECENT_MINUTES = 60;

/**
 * Brings along what was being written about a profile while it was merged or parted: a transaction that began before saw
 * it as it was. Rather than a lock that every event would have to take. Answers how many merges were gone through.
 */
export async function bringStragglers(sql: Sql): Promise<number> {
  const recent = await sql<{ id: number }[]>`
    select id from profile_merges
    where coalesce(undone_at, merged_at) > now() - make_interval(mins => ${RECENT_MINUTES}) order by id`;
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
