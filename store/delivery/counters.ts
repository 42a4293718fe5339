import type { DeliveryCounts } from '../../domain/campaigns/audience';
import { MESSAGE_STEP } from '../../domain/campaigns/steps';
import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import type { Channel, DeliveryState } from '../../domain/shared/words';
import type { Sql } from '../db';
import { MESSAGES_WAVE } from './claim-messages';
import { creditedCtes, stepName } from './credited-sql';

/** Messages something happened to, each once; `…People` counts persons. */
export interface Engagement {
  readonly delivered: number;
  readonly bouncedHard: number;
  readonly bouncedSoft: number;
  readonly clickedPeople: number;
  readonly opened: number;
  readonly unsubscribed: number;
  readonly complained: number;
  readonly convertedPeople: number;
}

export interface CounterCell extends DeliveryCounts, Engagement {
  readonly step: string;
  readonly wave: string;
  /** null: nobody has looked at these people yet. */
  readonly channel: Channel | null;
  readonly arm: string | null;
}

export interface Counters {
  /** `planned` is what the waves and the service messages planned, not the sum of the cells: were one lost, it would show. */
  readonly total: DeliveryCounts & Engagement;
  readonly cells: readonly CounterCell[];
}

type Row = CounterCell & { readonly whole: boolean };

/** Of `ledger`: all of a group, or those in one of these states. */
const n = (sql: Sql, ...states: DeliveryState[]) =>
  sql`coalesce(sum(n) ${states.length === 0 ? sql`` : sql`filter (where state = any(${states}::text[]))`}, 0)::bigint`;

/**
 * A campaign's ledger and what came back, by step, wave, channel and arm, in one statement: all of it is of one moment,
 * so planned = accepted + failed + skipped + uncertain + open whatever is being sent meanwhile. Single messages are one
 * step, `message`.
 */
export async function counters(sql: Sql, campaignId: string): Promise<Counters> {
  const rows = await sql<Row[]>`
    with ${creditedCtes(sql, campaignId)},
    -- Read once and grouped at once: kept row by row, a million of them are written to disk and read three times.
    ledger as materialized (
      select ${stepName(sql)} as step, d.wave, d.channel, d.arm, d.state, count(*) as n
      from deliveries d where d.campaign_id = ${campaignId} group by 1, 2, 3, 4, 5
    ),
    -- Members of a wave, or messages asked for, that have no row yet.
    unseen as materialized (
      select w.step, w.wave, w.arm, w.planned - coalesce(l.n, 0)::bigint as n
      from waves w left join (select step, wave, sum(n) as n from ledger group by step, wave) l using (step, wave)
      where w.campaign_id = ${campaignId}
      union all
      select 'message', ${MESSAGES_WAVE}, null, count(*) from messages m
      where m.campaign_id = ${campaignId} and not exists (
        select from deliveries d where d.campaign_id = m.campaign_id and d.step = ${MESSAGE_STEP} || m.id and d.profile_id = m.profile_id)
    ),
    standing as (
      select grouping(step) = 1 as whole, step, wave, channel, arm, ${n(sql)} as planned,
        ${n(sql, 'accepted')} as accepted, ${n(sql, 'failed')} as failed, ${n(sql, 'skipped')} as skipped,
        ${n(sql, 'uncertain')} as uncertain, ${n(sql, 'planned', 'claimed', 'sending')} as open
      from ledger group by grouping sets ((step, wave, channel, arm), ())
    ),
    whole as (
      select true as whole, null::text as step, null::text as wave, null::text as channel, null::text as arm,
        coalesce(s.planned, 0) + u.n as planned, coalesce(s.accepted, 0) as accepted, coalesce(s.failed, 0) as failed,
        coalesce(s.skipped, 0) as skipped, coalesce(s.uncertain, 0) as uncertain, coalesce(s.open, 0) + u.waiting as open
      from (select coalesce(sum(n), 0)::bigint as n, coalesce(sum(greatest(n, 0)), 0)::bigint as waiting from unseen) u
      left join standing s on s.whole
    ),
    cell as (
      select whole, step, wave, channel, arm, planned, accepted, failed, skipped, uncertain, open from standing where not whole
      union all
      select false, step, wave, null, arm, n, 0, 0, 0, 0, n from unseen where n > 0
      union all
      select * from whole
    ),
    happened as materialized (
      select ${stepName(sql)} as step, d.wave, d.channel, d.arm, d.id, e.profile_id, e.type, e.properties ->> 'bounce' as bounce
      from events e join deliveries d on d.id = e.delivery_id
      where e.campaign_id = ${campaignId} and e.type in (${MESSAGE_EVENTS.delivered}, ${MESSAGE_EVENTS.bounced}, ${MESSAGE_EVENTS.clicked},
        ${MESSAGE_EVENTS.opened}, ${MESSAGE_EVENTS.unsubscribed}, ${MESSAGE_EVENTS.complained})
      union all
      select ${stepName(sql)}, d.wave, d.channel, d.arm, d.id, c.profile_id, 'converted', null
      from credited c join deliveries d on d.id = c.delivery_id
    ),
    engaged as (
      select grouping(step) = 1 as whole, step, wave, channel, arm,
        count(distinct id) filter (where type = ${MESSAGE_EVENTS.delivered}) as delivered,
        count(distinct id) filter (where type = ${MESSAGE_EVENTS.bounced} and bounce = 'hard') as bounced_hard,
        count(distinct id) filter (where type = ${MESSAGE_EVENTS.bounced} and bounce is distinct from 'hard') as bounced_soft,
        count(distinct profile_id) filter (where type = ${MESSAGE_EVENTS.clicked}) as clicked,
        count(distinct id) filter (where type = ${MESSAGE_EVENTS.opened}) as opened,
        count(distinct id) filter (where type = ${MESSAGE_EVENTS.unsubscribed}) as unsubscribed,
        count(distinct id) filter (where type = ${MESSAGE_EVENTS.complained}) as complained,
        count(distinct profile_id) filter (where type = 'converted') as converted
      from happened group by grouping sets ((step, wave, channel, arm), ())
    )
    select c.*, coalesce(e.delivered, 0) as delivered, coalesce(e.bounced_hard, 0) as "bouncedHard",
      coalesce(e.bounced_soft, 0) as "bouncedSoft", coalesce(e.clicked, 0) as "clickedPeople", coalesce(e.opened, 0) as opened,
      coalesce(e.unsubscribed, 0) as unsubscribed, coalesce(e.complained, 0) as complained,
      coalesce(e.converted, 0) as "convertedPeople"
    from cell c left join engaged e on e.whole = c.whole
      and (c.whole or (e.step = c.step and e.wave = c.wave and e.channel = c.channel and e.arm = c.arm))
    order by c.whole desc, c.step, c.wave, c.channel nulls last, c.arm`;
  const [total, ...cells] = rows.map(({ whole, ...cell }) => cell);
  if (total === undefined) throw new Error('a total has a row whatever there is');
  const { step, wave, channel, arm, ...counts } = total;
  return { total: counts, cells };
}
