import { MESSAGE_STEP } from '../../domain/campaigns/steps';
import type { Channel } from '../../domain/shared/words';
import type { Sql } from '../db';
import { entriesInHand } from './entries';
import { givenBackCtes } from './given-back-sql';
import type { ShardSession } from './shard-session';
import type { WaveKey } from './wave-terms';

export interface Leftovers {
  /**
   * Claimed and never on the wire: planned again, their reserved contact given back. Or on the wire of a provider that
   * knows a message again: planned again for that channel alone, and what it has reserved stays.
   */
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

/** The same for the people who entered a continuous campaign: its one shard is everybody. */
export async function reclaimEntries(
  { sql, backendPid }: ShardSession,
  key: WaveKey,
  idempotentChannels: readonly Channel[],
): Promise<Omit<Leftovers, 'cursor'>> {
  const [row] = await sql<Omit<Leftovers, 'cursor'>[]>`
    with leftover as materialized (
      select d.campaign_id, d.step, d.profile_id, d.cost_micros, ${stateOf(sql, idempotentChannels)} as state
      ${entriesInHand(sql, key)} and pg_backend_pid() = ${backendPid}
    ),
    ${settledCtes(sql)}
    select (select count(*) from replanned) as replanned, (select count(*) from lost) as uncertain`;
  return row ?? { replanned: 0, uncertain: 0 };
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

/** What a provider knows again may be asked again. */
const stateOf = (sql: Sql, idempotentChannels: readonly Channel[]) =>
  sql`case when d.state = 'sending' and d.channel = any(${[...idempotentChannels]}::text[]) then 'claimed' else d.state end`;

/** From `leftover` to `replanned` and `lost`. */
const settledCtes = (sql: Sql) => sql`
    replanned as (
      update deliveries d set state = 'planned', reason = 'worker-lost', not_before = null,
        in_doubt = case d.state when 'sending' then d.channel else d.in_doubt end,
        cost_micros = case when d.state = 'sending' or d.in_doubt is not null then d.cost_micros end,
        attempts = d.attempts + case d.state when 'sending' then 1 else 0 end
      from leftover l
      where d.campaign_id = l.campaign_id and d.step = l.step and d.profile_id = l.profile_id and l.state = 'claimed'
        and d.state in ('claimed', 'sending')
      returning d.campaign_id, d.step, d.profile_id, l.cost_micros, d.in_doubt
    ),
    ${givenBackCtes(sql, 'replanned')},
    lost as (
      update deliveries d set state = 'uncertain', reason = 'worker-lost', settled_at = clock_timestamp() from leftover l
      where d.campaign_id = l.campaign_id and d.step = l.step and d.profile_id = l.profile_id and l.state = 'sending'
        and d.state = 'sending'
      returning d.profile_id
    )`;
