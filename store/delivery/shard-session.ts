import type { Db, Sql } from '../db';
import type { WaveKey } from './wave-terms';

/**
 * One connection that holds a shard's advisory lock for the life of an attempt. Claims and hand-over marks run on it
 * and name its backend: should the connection break, the lock is gone with the backend, and a statement that the
 * client sends on a new one changes nothing. So an attempt that lost its lock can claim and send no more.
 */
export interface ShardSession {
  readonly sql: Sql;
  readonly backendPid: number;
  /** Whether the lock is still held. */
  alive(): Promise<boolean>;
  close(): Promise<void>;
}

/** Names the locks of a wave's shards: a shard's number follows. */
export const shardLockName = ({ campaignId, step, wave }: WaveKey): string =>
  `delivery ${campaignId} ${step} ${wave} `;

/** Takes the lock, or answers null: another attempt at this shard is still alive. */
export async function openShardSession(
  db: Db,
  key: WaveKey & { readonly shard: number },
): Promise<ShardSession | null> {
  const name = `${shardLockName(key)}${key.shard}`;
  const sql = db.session();
  const end = (): Promise<void> => sql.end({ timeout: 5 });
  try {
    const [row] = await sql<{ taken: boolean; pid: number }[]>`
      select pg_try_advisory_lock(hashtextextended(${name}, 0)) as taken, pg_backend_pid() as pid`;
    if (row?.taken !== true) {
      await end();
      return null;
    }
    // A first campaign's ledger grows from nothing within a prepared plan's life: planned while the table was empty, a
    // sequential scan would be kept, and each turn would read the whole wave. A merge of a batch with an index would
    // read that from its beginning, so that a claim would cost more the further a wave has come. People of a batch are
    // neighbours: looking each up costs little, and is cheaper than hashing a whole index.
    await sql`
      select set_config('enable_seqscan', 'off', false), set_config('enable_mergejoin', 'off', false),
        set_config('random_page_cost', '1', false)`;
    return {
      sql,
      backendPid: row.pid,
      alive: async () => {
        const [now] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
        return now?.pid === row.pid;
      },
      close: async () => {
        // It would end with the connection too, only a moment after the next attempt has asked for it.
        await sql`select pg_advisory_unlock_all()`.catch(() => {});
        await end();
      },
    };
  } catch (fault) {
    await end().catch(() => {});
    throw fault;
  }
}
