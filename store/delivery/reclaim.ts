import { MESSAGE_STEP } from '../../domain/campaigns/steps';
import type { Channel } from '../../domain/shared/words';
import type { Sql } from '../db';
import { refundedCte } from './ledger-sql';
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
  /** Whose providers know a message again: what is on the wire there is sent once more, under the same key. */
  idempotentChannels: readonly Channel[],
): Promise<Leftovers> {
  const [row] = await sql<Leftovers[]>`
    with leftover as materialized (
      select campaign_id, step, profile_id, cost_micros, ${stateOf(sql, idempotentChannels)} as state from deliveries d
      where campaign_id = ${key.campaignId} and step = ${key.step} and wave = ${key.wave}
        and profile_id >= ${range.from} and profile_id < ${range.to} and pg_backend_pid() = ${backendPid}
    ),
    ${settledCtes(sql)}
    select (select count(*) from replanned) as replanned, (select count(*) from lost) as uncertain,
      greatest((select max(profile_id) from leftover), (
        select max(profile_id) from control_gate
        where campaign_id = ${key.campaignId} and step = ${key.step} and wave = ${key.wave}
          and profile_id >= ${range.from} and profile_id < ${range.to}), ${range.from - 1}::bigint) as cursor`;
  return row ?? { replanned: 0, uncertain: 0, cursor: range.from - 1 };
}

/** The same for a campaign's single messages, under the lock of their lane. */
export async function reclaimMessages(
  { sql, backendPid }: ShardSession,
  campaignId: string,
  idempotentChannels: readonly Channel[],
): Promise<Omit<Leftovers, 'cursor'>> {
  const [row] = await sql<Omit<Leftovers, 'cursor'>[]>`
    with leftover as materialized (
      select d.campaign_id, d.step, d.profile_id, d.cost_micros, ${stateOf(sql, idempotentChannels)} as state
      from messages m
      join deliveries d on d.campaign_id = m.campaign_id and d.step = ${MESSAGE_STEP} || m.id and d.profile_id = m.profile_id
      where m.campaign_id = ${campaignId} and m.settled_at is null and pg_backend_pid() = ${backendPid}
    ),
    ${settledCtes(sql)}
    select (select count(*) from replanned) as replanned, (select count(*) from lost) as uncertain`;
  return row ?? { replanned: 0, uncertain: 0 };
}

/** What a provider knows again counts as if it had never been on the wire. */
const stateOf = (sql: Sql, idempotentChannels: readonly Channel[]) =>
  sql`case when d.state = 'sending' and d.channel = any(${[...idempotentChannels]}::text[]) then 'claimed' else d.state end`;

/** From `leftover` to `replanned` and `lost`. */
const settledCtes = (sql: Sql) => sql`
    replanned as (
      update deliveries d set state = 'planned', reason = 'worker-lost', not_before = null, cost_micros = null from leftover l
      where d.campaign_id = l.campaign_id and d.step = l.step and d.profile_id = l.profile_id and l.state = 'claimed'
        and d.state in ('claimed', 'sending')
      returning d.campaign_id, d.step, d.profile_id, l.cost_micros
    ),
    ${refundedCte(sql, 'replanned')},
    released as (
      delete from contacts c using replanned r
      where c.campaign_id = r.campaign_id and c.step = r.step and c.profile_id = r.profile_id
    ),
    lost as (
      update deliveries d set state = 'uncertain', reason = 'worker-lost', settled_at = clock_timestamp() from leftover l
      where d.campaign_id = l.campaign_id and d.step = l.step and d.profile_id = l.profile_id and l.state = 'sending'
        and d.state = 'sending'
      returning d.profile_id
    )`;

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
    with held as materialized (
      select id, cost_micros from deliveries
      where id = any(${[...deliveryIds]}::bigint[]) and state in ('claimed', 'sending') and pg_backend_pid() = ${backendPid}
    ),
    back as (
      update deliveries d set state = 'planned', reason = ${reason}, not_before = null, cost_micros = null from held h
      where d.id = h.id and d.state in ('claimed', 'sending')
      returning d.campaign_id, d.step, d.profile_id, h.cost_micros
    ),
    ${refundedCte(sql, 'back')}
    delete from contacts c using back b
    where c.campaign_id = b.campaign_id and c.step = b.step and c.profile_id = b.profile_id`;
}
