import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import type { WaveAnswers } from '../../domain/experiments/wave-watch';
import { GUARDRAIL_PAUSE } from '../../domain/incidents/incident';
import type { Sql } from '../db';

const ANSWERS = [MESSAGE_EVENTS.unsubscribed, MESSAGE_EVENTS.complained];

export interface Glance {
  /** The campaign has ended. */
  readonly over: boolean;
  /** A wave is open, and nobody holds it. */
  readonly sending: boolean;
  /** Unsubscribes and complaints so far. */
  readonly answers: number;
  /** When it was last held for a guardrail: it is judged by what it sent since. */
  readonly since: Date | null;
}

/** As little as tells whether a campaign has to be judged anew: some rows through indexes. null: no such campaign. */
export async function glance(sql: Sql, campaignId: string): Promise<Glance | null> {
  const [row] = await sql<Glance[]>`
    select "end" is not null as over,
      hold = 'run' and exists (select from waves where campaign_id = c.id and ended_at is null) as sending,
      (select count(*) from events where campaign_id = c.id and type in ${sql(ANSWERS)}) as answers,
      (select max(at) from incidents where campaign_id = c.id and split_part(kind, '.', 1) = ${GUARDRAIL_PAUSE}) as since
    from campaigns c where id = ${campaignId}`;
  return row ?? null;
}

/** What was answered to each wave's messages that were handed over after `since`; waves without an answer are left out. */
export const answersByWave = async (
  sql: Sql,
  campaignId: string,
  since: Date | null,
): Promise<WaveAnswers[]> =>
  sql<WaveAnswers[]>`
    select d.step, d.wave,
      count(distinct e.delivery_id) filter (where e.type = ${MESSAGE_EVENTS.unsubscribed}) as unsubscribed,
      count(distinct e.delivery_id) filter (where e.type = ${MESSAGE_EVENTS.complained}) as complained
    from events e join deliveries d on d.id = e.delivery_id
    where e.campaign_id = ${campaignId} and e.type in ${sql(ANSWERS)} and d.state = 'accepted'
      and (${since}::timestamptz is null or d.settled_at > ${since})
    group by d.step, d.wave`;

/** Waves that are being sent. */
export const openWaves = async (
  sql: Sql,
  campaignId: string,
): Promise<{ readonly step: string; readonly wave: string }[]> =>
  sql<
    { step: string; wave: string }[]
  >`select step, wave from waves where campaign_id = ${campaignId} and ended_at is null`;
