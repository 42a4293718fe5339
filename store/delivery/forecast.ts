import type { Sql } from '../db';
import { gateMoment } from './gate-moment';
import { gateCtes } from './gate-sql';
import type { GateTerms } from './wave-terms';

/**
 * What the gate would say to these people of a first message at this moment: the ids of those allowed, and counts of
 * the others by reason. Reserves and writes nothing.
 */
export async function forecastGate(
  sql: Sql,
  terms: GateTerms,
  profileIds: readonly number[],
): Promise<{ allowed: readonly number[]; skipped: Record<string, number> }> {
  const moment = await gateMoment(sql, terms, profileIds, { lock: false });
  const rows = await sql<{ reason: string | null; n: number; ids: number[] | null }[]>`
    with person as materialized (
      select profile_id, ${terms.step}::text as step, ${terms.deadlineAt}::timestamptz as deadline_at, null::text[] as tried, null::text as in_doubt, null::text as arm
      from unnest(${[...profileIds]}::bigint[]) as profile_id
    ),
    ${gateCtes(sql, { ...terms, follows: null }, moment)}
    select reason, count(*) as n, array_agg(profile_id) filter (where reason is null) as ids from verdict group by reason order by n desc, reason`;
  return {
    allowed: rows.find((row) => row.reason === null)?.ids ?? [],
    skipped: Object.fromEntries(rows.flatMap((row) => (row.reason === null ? [] : [[row.reason, row.n]]))),
  };
}
