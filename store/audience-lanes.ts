import { EVERYBODY, type AudienceDefinition, type IdRange } from './audience-sql';
import type { Sql, Tx } from './db';

/** Below this many profiles a second connection costs more than it brings. */
export const TWO_LANES_FROM = 200_000;

export type Lane<T> = (tx: Tx, range: IdRange) => Promise<readonly T[]>;

/**
 * Runs a freeze's statement over all profiles: in the caller's transaction alone or, when they are many, over two halves
 * of the ids on two connections that see one exported snapshot (SHA-256 and jsonb keep one core busy, and PostgreSQL
 * runs no parallel plan under an insert). The second half commits first: its rows mean nothing until the caller's
 * transaction writes the audience's own row, and what a failure leaves of them is deleted by the next attempt.
 * The caller's transaction must be `repeatable read`.
 */
export async function runLanes<T extends object>(
  sql: Sql,
  tx: Tx,
  definition: AudienceDefinition,
  twoLanesFrom: number,
  clear: (tx: Tx) => Promise<unknown>,
  lane: Lane<T>,
): Promise<T[]> {
  const middle = await middleOf(tx, definition, twoLanesFrom);
  if (middle === null) {
    await clear(tx);
    return [...(await lane(tx, EVERYBODY))];
  }
  const [exported] = await tx<{ id: string }[]>`select pg_export_snapshot() as id`;
  if (exported === undefined || !/^[0-9A-F-]+$/.test(exported.id))
    throw new Error('no snapshot was exported');
  const rows: T[] = [];
  const upper = sql.begin('isolation level repeatable read', async (other) => {
    await other.unsafe(`set transaction snapshot '${exported.id}'`);
    await clear(other);
    rows.push(...(await lane(other, { from: middle, to: null })));
  });
  const lower = lane(tx, { from: null, to: middle }).then((here) => rows.push(...here));
  // Both are waited for, also when one fails: the other still works on the same campaign.
  for (const half of await Promise.allSettled([lower, upper]))
    if (half.status === 'rejected') throw half.reason;
  return rows;
}

/** Where to cut; null for one lane. A limited pilot and strata look at everybody: they cannot be cut. */
async function middleOf(
  tx: Tx,
  { scenario }: AudienceDefinition,
  twoLanesFrom: number,
): Promise<number | null> {
  if (scenario.pilot?.maxPeople !== undefined || scenario.experiment?.stratifyBy !== undefined) return null;
  const [row] = await tx<{ n: number; middle: number | null }[]>`
    select reltuples::bigint as n, (select (min(id) + max(id)) / 2 from profiles) as middle
    from pg_class where oid = 'boucle.profiles'::regclass`;
  return row === undefined || row.n < twoLanesFrom ? null : row.middle;
}
