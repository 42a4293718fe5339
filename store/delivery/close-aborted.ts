import { MESSAGE_STEP } from '../../domain/campaigns/steps';
import type { Sql } from '../db';
import { LANE_KEY, laneTerms } from './claim-messages';
import { shardLockName } from './shard-session';
import { skipMessages } from './skip-messages';
import { skipRest } from './skip-rest';
import { waveTerms, type WaveKey } from './wave-terms';

export interface AbortedWaves {
  /** Waves whose end was stamped by this call. */
  readonly closed: number;
  /** Waves that are still open because an attempt that is alive has messages on the wire: ask again in a moment. */
  readonly busy: number;
}

/**
 * Makes every wave of an aborted campaign add up, also those whose shards never saw the abort: who has no end yet is
 * skipped as `aborted`, what a dead attempt left on the wire becomes `uncertain`, and the wave's end is stamped. Done
 * again it changes nothing. Answers nothing to do for a campaign that is not aborted: nobody else may be skipped.
 */
export async function closeAborted(sql: Sql, campaignId: string): Promise<AbortedWaves> {
  const waves = await sql<{ step: string; wave: string }[]>`
    select w.step, w.wave from waves w join campaigns c on c.id = w.campaign_id
    where w.campaign_id = ${campaignId} and w.ended_at is null and c.hold = 'aborted' order by w.started_at, w.wave`;
  const messagesBusy = await closeMessages(sql, campaignId);
  let closed = 0;
  for (const { step, wave } of waves) {
    const key = { campaignId, step, wave };
    await skipRest(sql, await waveTerms(sql, key), 'aborted');
    await loseSending(sql, key);
    if (await stampEnd(sql, key)) closed += 1;
  }
  return { closed, busy: waves.length - closed + (messagesBusy ? 1 : 0) };
}

/**
 * Single messages of an aborted campaign. What is on the wire is the lane's while there is one: it settles that itself.
 * Answers whether something is left to it.
 */
async function closeMessages(sql: Sql, campaignId: string): Promise<boolean> {
  const unsettled = () => sql`
    select 1 from messages m join campaigns c on c.id = m.campaign_id
    where m.campaign_id = ${campaignId} and m.settled_at is null and c.hold = 'aborted' limit 1`;
  if ((await unsettled()).length === 0) return false;
  await sql`
    with held as materialized (${heldLocks(sql)})
    update deliveries d set state = 'uncertain', reason = 'worker-lost', settled_at = clock_timestamp()
    from messages m
    where m.campaign_id = ${campaignId} and m.settled_at is null and d.campaign_id = m.campaign_id
      and d.step = ${MESSAGE_STEP} || m.id and d.profile_id = m.profile_id and d.state = 'sending'
      and not exists (select from held h where h.lock = hashtextextended(${`${shardLockName(LANE_KEY)}${LANE_KEY.shard}`}, 0))`;
  await skipMessages(sql, await laneTerms(sql, campaignId), 'aborted');
  return (await unsettled()).length > 0;
}

/** The advisory locks of this database that somebody holds. */
const heldLocks = (sql: Sql) => sql`
      select (l.classid::bigint << 32) | l.objid::bigint as lock from pg_locks l
      where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
        and l.database = (select oid from pg_database where datname = current_database())`;

/**
 * As `reclaim` does for one shard. How the wave was cut is not stored, so a lock held on any of its possible shards
 * leaves the whole wave alone; an abort stops such an attempt within one message. No new row can go on the wire
 * meanwhile: marking takes a campaign that runs.
 */
async function loseSending(sql: Sql, key: WaveKey): Promise<void> {
  await sql`
    with held as materialized (${heldLocks(sql)}),
    live as materialized (
      select from waves w
      cross join generate_series(0, w.planned + w.withheld) as shard
      join held h on h.lock = hashtextextended(${shardLockName(key)} || shard, 0)
      where w.campaign_id = ${key.campaignId} and w.step = ${key.step} and w.wave = ${key.wave}
      limit 1
    )
    update deliveries set state = 'uncertain', reason = 'worker-lost', settled_at = clock_timestamp()
    where campaign_id = ${key.campaignId} and step = ${key.step} and wave = ${key.wave} and state = 'sending'
      and not exists (select from live)`;
}

async function stampEnd(sql: Sql, key: WaveKey): Promise<boolean> {
  const { count } = await sql`
    update waves w set ended_at = clock_timestamp()
    where w.campaign_id = ${key.campaignId} and w.step = ${key.step} and w.wave = ${key.wave} and w.ended_at is null
      and not exists (
        select from deliveries d
        where d.campaign_id = w.campaign_id and d.step = w.step and d.wave = w.wave
          and d.state in ('planned', 'claimed', 'sending'))`;
  return count > 0;
}
