import { FIRST_STEP } from '../../domain/campaigns/steps';
import type { Count } from '../../domain/experiments/two-proportions';
import type { Sql } from '../db';

const NOTHING: Count = { n: 0, events: 0 };

/**
 * Messages of a campaign's pilot, and those of the same nature that other campaigns sent to people of its area in so many
 * days before it; of each how many were followed by the metric's event within `windowSeconds`. Messages whose own window
 * had not ended when the pilot began are left out.
 */
export async function pilotAndHistory(
  sql: Sql,
  {
    campaignId,
    metric,
    windowSeconds,
    days,
  }: {
    readonly campaignId: string;
    readonly metric: string;
    readonly windowSeconds: number;
    readonly days: number;
  },
): Promise<{ readonly pilot: Count; readonly history: Count }> {
  const [row] = await sql<{ pilot: Count; history: Count }[]>`
    with this as (
      select c.id, c.scenario -> 'pilot' ->> 'area' as area, c.scenario ->> 'nature' as nature, min(w.started_at) as at
      from campaigns c join waves w on w.campaign_id = c.id and w.part = 'pilot' and w.step = ${FIRST_STEP}
      where c.id = ${campaignId} group by c.id
    ),
    sent as (
      select 'pilot' as of, d.profile_id, d.gated_at
      from waves w join deliveries d using (campaign_id, step, wave)
      where w.campaign_id = ${campaignId} and w.part = 'pilot' and w.step = ${FIRST_STEP} and d.state = 'accepted'
      union all
      select 'history', d.profile_id, d.gated_at
      from this t join profiles p on p.area = t.area and p.merged_into is null
        join deliveries d on d.profile_id = p.id join campaigns c on c.id = d.campaign_id
      where d.campaign_id <> t.id and d.step = ${FIRST_STEP} and d.state = 'accepted' and c.scenario ->> 'nature' = t.nature
        and d.gated_at >= t.at - make_interval(days => ${days})
        and d.gated_at < t.at - make_interval(secs => ${windowSeconds}::float8)
    ),
    counted as (
      select of, count(*) as n, count(*) filter (where exists (
        select from events e
        where e.profile_id = s.profile_id and e.type = ${metric}
          and e.at >= s.gated_at and e.at < s.gated_at + make_interval(secs => ${windowSeconds}::float8))) as events
      from sent s group by of
    )
    select (select jsonb_build_object('n', n, 'events', events) from counted where of = 'pilot') as pilot,
      (select jsonb_build_object('n', n, 'events', events) from counted where of = 'history') as history`;
  return { pilot: row?.pilot ?? NOTHING, history: row?.history ?? NOTHING };
}
