import type { ShardSession } from './shard-session';
import type { WaveKey } from './wave-terms';

export interface Leftovers {
  /** Claimed and never on the wire: planned again, their reserved contact given back. */
  readonly replanned: number;
  /** On the wire when their worker died: nobody knows, so nobody sends them again. */
  readonly uncertain: number;
  /** The last profile a former attempt looked at, or below the range where there was none. */
  readonly cursor: number;
}

/** Settles what a dead attempt at this shard left behind. Call it under the shard's lock, before anything else. */
export async function reclaim(
  { sql, backendPid }: ShardSession,
  key: WaveKey,
  range: { readonly from: number; readonly to: number },
): Promise<Leftovers> {
  const [row] = await sql<Leftovers[]>`
    with shard as materialized (
      select profile_id, state from deliveries
      where campaign_id = ${key.campaignId} and step = ${key.step} and wave = ${key.wave}
        and profile_id >= ${range.from} and profile_id < ${range.to} and pg_backend_pid() = ${backendPid}
    ),
    replanned as (
      update deliveries d set state = 'planned', reason = 'worker-lost', not_before = null from shard s
      where d.campaign_id = ${key.campaignId} and d.step = ${key.step} and d.profile_id = s.profile_id and s.state = 'claimed'
        and d.state = 'claimed'
      returning d.profile_id
    ),
    released as (
      delete from contacts c using replanned r
      where c.campaign_id = ${key.campaignId} and c.step = ${key.step} and c.profile_id = r.profile_id
    ),
    lost as (
      update deliveries d set state = 'uncertain', reason = 'worker-lost', settled_at = clock_timestamp() from shard s
      where d.campaign_id = ${key.campaignId} and d.step = ${key.step} and d.profile_id = s.profile_id and s.state = 'sending'
        and d.state = 'sending'
      returning d.profile_id
    )
    select (select count(*) from replanned) as replanned, (select count(*) from lost) as uncertain,
      greatest((select max(profile_id) from shard), (
        select max(profile_id) from control_gate
        where campaign_id = ${key.campaignId} and step = ${key.step} and wave = ${key.wave}
          and profile_id >= ${range.from} and profile_id < ${range.to}), ${range.from - 1}::bigint) as cursor`;
  return row ?? { replanned: 0, uncertain: 0, cursor: range.from - 1 };
}

/**
 * Gives back what this attempt claimed and did not hand over (a pause, a shutdown, an outage of the database). The
 * caller vouches that none of these was on the wire, so a mark that was written and not acted upon is undone too;
 * without its lock it cannot vouch for anything, and nothing changes.
 */
export async function release(
  { sql, backendPid }: ShardSession,
  deliveryIds: readonly number[],
  reason: string,
): Promise<void> {
  if (deliveryIds.length === 0) return;
  await sql`
    with back as (
      update deliveries set state = 'planned', reason = ${reason}, not_before = null
      where id = any(${[...deliveryIds]}::bigint[]) and state in ('claimed', 'sending') and pg_backend_pid() = ${backendPid}
      returning campaign_id, step, profile_id
    )
    delete from contacts c using back b
    where c.campaign_id = b.campaign_id and c.step = b.step and c.profile_id = b.profile_id`;
}
