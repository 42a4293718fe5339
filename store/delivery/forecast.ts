import type { Sql } from '../db';
import { gateCtes } from './gate-sql';
import type { GateTerms } from './wave-terms';

/** What the gate would say to these people at this moment. Reserves and writes nothing. */
export async function forecastGate(
  sql: Sql,
  terms: GateTerms,
  profileIds: readonly number[],
): Promise<{ allowed: number; skipped: Record<string, number> }> {
  const rows = await sql<{ reason: string | null; n: number }[]>`
    with person as materialized (select unnest(${[...profileIds]}::bigint[]) as profile_id),
    ${gateCtes(sql, terms)}
    select reason, count(*) as n from verdict group by reason order by n desc, reason`;
  return {
    allowed: rows.find((row) => row.reason === null)?.n ?? 0,
    skipped: Object.fromEntries(rows.flatMap((row) => (row.reason === null ? [] : [[row.reason, row.n]]))),
  };
}
