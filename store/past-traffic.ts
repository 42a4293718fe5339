import { FIRST_STEP } from '../domain/campaigns/steps';
import type { Sql } from './db';

/** What the last four weeks saw; null: too little of it to foresee anything by. */
export interface PastTraffic {
  /** People who came to match the segment in a day, on average. */
  readonly entersPerDay: number | null;
  /** Handed over while waves were being sent. */
  readonly messagesPerSecond: number | null;
}

const DAYS = 28;
/** Fewer say more of how a wave begins and ends than of how fast it goes. */
const LEAST_MESSAGES = 1_000;

export async function pastTraffic(sql: Sql, segment: string): Promise<PastTraffic> {
  const [row] = await sql<{ entered: number; messages: number; seconds: number }[]>`
    with w as (
      -- Who is put off for hours is no measure of how fast messages go.
      select w.ended_at - w.started_at as took, count(d.id) as n
      from waves w join deliveries d on d.campaign_id = w.campaign_id and d.step = w.step and d.wave = w.wave
      where w.step = ${FIRST_STEP} and w.ended_at > now() - make_interval(days => ${DAYS}::int)
        and w.ended_at - w.started_at < interval '6 hours' and d.state = 'accepted'
      group by w.campaign_id, w.wave, w.ended_at, w.started_at
    )
    select coalesce(sum(n), 0)::bigint as messages, coalesce(sum(extract(epoch from took)), 0)::float8 as seconds,
      (select count(*) from membership_changes
        where segment = ${segment} and entered and cause <> 'version' and at > now() - make_interval(days => ${DAYS}::int)) as entered
    from w`;
  const { entered = 0, messages = 0, seconds = 0 } = row ?? {};
  return {
    entersPerDay: entered === 0 ? null : entered / DAYS,
    messagesPerSecond: messages < LEAST_MESSAGES || seconds <= 0 ? null : messages / seconds,
  };
}
