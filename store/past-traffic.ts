import { FIRST_STEP } from '../domain/campaigns/steps';
import type { Sql } from './db';

/** What the last four weeks saw; null: too little of it to foresee anything by. */
export interface PastTraffic {
  /** People who came to match the segment in a day, on average; who left and came back is one. */
  readonly entersPerDay: number | null;
  /** Handed over while waves were being sent. */
  readonly messagesPerSecond: number | null;
}

const DAYS = 28;
/** Of fewer, which days of the week they are says more than how many people come. */
const LEAST_DAYS = 7;
/** Fewer say more of how a wave begins and ends than of how fast it goes. */
const LEAST_MESSAGES = 1_000;

export async function pastTraffic(sql: Sql, segment: string): Promise<PastTraffic> {
  const [row] = await sql<{ people: number; days: number | null; messages: number; seconds: number }[]>`
    with w as (
      -- Who is put off for hours is no measure of how fast messages go.
      select w.ended_at - w.started_at as took, count(d.id) as n
      from waves w join deliveries d on d.campaign_id = w.campaign_id and d.step = w.step and d.wave = w.wave
      where w.step = ${FIRST_STEP} and w.ended_at > now() - make_interval(days => ${DAYS}::int)
        and w.ended_at - w.started_at < interval '6 hours' and d.state = 'accepted'
      group by w.campaign_id, w.wave, w.ended_at, w.started_at
    ),
    came as (
      select count(distinct profile_id)
          filter (where entered and cause <> 'version' and at > now() - make_interval(days => ${DAYS}::int)) as people,
        least(${DAYS}::int, extract(epoch from now() - min(at)) / 86400)::float8 as days
      from membership_changes where segment = ${segment}
    )
    select coalesce(sum(n), 0)::bigint as messages, coalesce(sum(extract(epoch from took)), 0)::float8 as seconds,
      (select people from came) as people, (select days from came) as days
    from w`;
  const { people = 0, days = null, messages = 0, seconds = 0 } = row ?? {};
  return {
    // A segment that was built a week ago has a week's people.
    entersPerDay: people === 0 || days === null || days < LEAST_DAYS ? null : people / days,
    messagesPerSecond: messages < LEAST_MESSAGES || seconds <= 0 ? null : messages / seconds,
  };
}
