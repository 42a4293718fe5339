import { arrayLiteral } from '../array-literal';
import type { Sql } from '../db';
import { stillAllowed, type StillAllowed } from './still-allowed-sql';

interface Asked {
  readonly campaignId: string;
  /** Rows that their claim wrote as `sending`. */
  readonly ids: readonly number[];
  /** Backend that holds the shard's lock. */
  readonly backendPid: number;
  /** Asked again of each row; null: the gate judged them a moment ago. */
  readonly still: StillAllowed | null;
}

/**
 * Which of the rows a claim wrote as `sending` may be handed over now, as `turn` asks it of those it marks: none while
 * the campaign is held or on a connection that lost the shard's lock.
 */
export async function cleared(
  sql: Sql,
  { campaignId, ids, backendPid, still }: Asked,
): Promise<readonly number[]> {
  const runs = sql`exists (select from campaigns c where c.id = ${campaignId} and c.hold = 'run') and pg_backend_pid() = ${backendPid}`;
  if (still === null) {
    const [row] = await sql<{ runs: boolean }[]>`select ${runs} as runs`;
    return row?.runs === true ? ids : [];
  }
  const rows = await sql<{ id: number }[]>`
    select d.id from deliveries d
    where d.id = any(${arrayLiteral(ids)}::bigint[]) and d.state = 'sending' and ${runs} ${stillAllowed(sql, still)}`;
  return rows.map((row) => row.id);
}
