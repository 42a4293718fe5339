import type postgres from 'postgres';
import { MESSAGE_STEP } from '../../domain/campaigns/steps';
import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import type { Sql } from '../db';
import { movedCtes } from '../merging/identities-sql';

/**
 * Common table expressions down to `credited (event_id, profile_id, at, value_cents, currency, delivery_id, touched_at)`:
 * the conversions of one campaign. A conversion is credited once, to the last touch before it among all messages the
 * person was sent, whichever campaign's, each by that campaign's own event, window and kind of touch (of two at the same
 * moment, to the later delivery). A message that came back for good touched nobody.
 *
 * Nothing is kept: the answer hangs on what happened when, never on the order in which it was told. For the same reason a
 * message touches at its gate, the moment the experiments count from too, and not when its acceptance was written down.
 */
export const creditedCtes = (sql: Sql, campaignId: string): postgres.Fragment => sql`
  ${movedCtes(sql)},
  terms as materialized (
    select id, coalesce(scenario #>> '{attribution,event}', scenario #>> '{primaryMetric,event}') as event,
      make_interval(secs => coalesce(scenario #>> '{attribution,windowSeconds}', scenario #>> '{primaryMetric,windowSeconds}')::float8) as span,
      case when scenario -> 'attribution' is null then 'delivery' else coalesce(scenario #>> '{attribution,from}', 'click') end as origin
    from campaigns
  ),
  conversion as materialized (
    select distinct e.id, e.profile_id, e.type, e.at, e.value_cents, e.currency
    from terms t join deliveries d on d.campaign_id = t.id and d.state = 'accepted'
    left join moved m on m.id = d.profile_id
    join events e on e.profile_id = coalesce(m.stands, d.profile_id) and e.type = t.event and e.at >= d.gated_at
    where t.id = ${campaignId}
  ),
  credited as materialized (
    select c.id as event_id, c.profile_id, c.at, c.value_cents, c.currency, x.delivery_id, x.touched_at
    from conversion c left join merged i on i.stands = c.profile_id cross join lateral (
      select d.id as delivery_id, d.campaign_id, k.touched_at
      from deliveries d join terms t on t.id = d.campaign_id and t.event = c.type
      cross join lateral (
        select d.gated_at as touched_at where t.origin = 'delivery'
        union all
        select k.at from events k
        where t.origin = 'click' and k.profile_id = c.profile_id and k.type = ${MESSAGE_EVENTS.clicked} and k.delivery_id = d.id
          and k.at <= c.at
      ) k
      where d.profile_id = any(c.profile_id || coalesce(i.ids, '{}'))
        and d.state = 'accepted'
        and k.touched_at <= c.at and c.at < k.touched_at + t.span
        and not exists (
          select from events b where b.profile_id = c.profile_id and b.type = ${MESSAGE_EVENTS.bounced} and b.delivery_id = d.id
            and b.properties ->> 'bounce' = 'hard')
      order by k.touched_at desc, d.id desc limit 1
    ) x
    where x.campaign_id = ${campaignId}
  )`;

/** Steps of single messages carry their message's id: together they are one. */
export const stepName = (sql: Sql): postgres.Fragment =>
  sql`case when starts_with(d.step, ${MESSAGE_STEP}) then 'message' else d.step end`;
