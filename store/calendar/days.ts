import type postgres from 'postgres';
import type { Sql, Tx } from '../db';
import type { PlannedSpan } from './open-campaigns';
import { plannedCtes } from './planned-sql';

export interface CalendarDay {
  /** Local day, `2026-11-22`. */
  readonly day: string;
  /** null: another tool's, or a message of none. */
  readonly campaignId: string | null;
  readonly campaign: string | null;
  /** `boucle`, or the other tool. */
  readonly source: string;
  readonly department: string;
  readonly channel: string;
  readonly nature: string;
  readonly sent: number;
  readonly planned: number;
}

export interface CalendarRange {
  /** Local days, both of them in it. */
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
}

/** What was sent and what is still to be sent, by local day. `who`: a condition on profiles under the alias `p`. */
export async function calendarDays(
  sql: Sql | Tx,
  input: CalendarRange & {
    readonly who: postgres.Fragment;
    readonly department: string | null;
    readonly spans: readonly PlannedSpan[];
    readonly now: Date;
  },
): Promise<CalendarDay[]> {
  const { from, to, timezone } = input;
  return sql<CalendarDay[]>`
    with ${plannedCtes(sql, input.spans, input.now)},
    bounds as materialized (
      select ${from}::date::timestamp at time zone ${timezone} as since,
        (${to}::date + 1)::timestamp at time zone ${timezone} as until
    ),
    message as (
      select c.at, c.profile_id, c.campaign_id, c.source, c.department, c.channel, c.nature, 1 as sent, 0 as planned
      from contacts c, bounds b where c.at >= b.since and c.at < b.until
      union all
      select x.at, x.profile_id, x.campaign_id, 'boucle', x.department, x.channel, x.nature, 0, 1
      from planned x, bounds b where x.at >= b.since and x.at < b.until
    )
    select ((m.at at time zone ${timezone})::date)::text as day, m.campaign_id as "campaignId", c.scenario ->> 'name' as campaign,
      m.source, m.department, m.channel, m.nature, sum(m.sent)::bigint as sent, sum(m.planned)::bigint as planned
    from message m
    join profiles p on p.id = m.profile_id
    left join campaigns c on c.id = m.campaign_id
    where ${input.who} and (${input.department}::text is null or m.department = ${input.department})
    group by 1, 2, 3, 4, 5, 6, 7
    order by 1, 2 nulls last, 4, 5, 6, 7`;
}
