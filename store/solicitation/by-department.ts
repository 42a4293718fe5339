import type { Sql, Tx } from '../db';

export interface DepartmentWeek {
  /** The week's Monday, `2026-11-16`. */
  readonly week: string;
  readonly department: string;
  readonly channel: string;
  readonly nature: string;
  readonly messages: number;
  /** Those who got at least one of them. */
  readonly people: number;
  readonly meanPerPerson: number;
  readonly p95PerPerson: number;
  readonly maxPerPerson: number;
}

/** What each department sent, by week (from Monday) in a zone, by channel and nature; other tools' contacts too. */
export async function byDepartment(
  sql: Sql | Tx,
  input: { readonly since: Date; readonly market: string; readonly timezone: string },
): Promise<DepartmentWeek[]> {
  return sql<DepartmentWeek[]>`
    with person as (
      select date_trunc('week', c.at at time zone ${input.timezone})::date as week, c.department, c.channel, c.nature,
        c.profile_id, count(*) as n
      from contacts c join profiles p on p.id = c.profile_id and p.merged_into is null
      where c.at >= ${input.since} and c.at <= now() and p.market = ${input.market}
      group by 1, 2, 3, 4, 5
    )
    select week::text, department, channel, nature, sum(n)::bigint as messages, count(*) as people,
      avg(n)::float8 as "meanPerPerson", percentile_disc(0.95) within group (order by n) as "p95PerPerson",
      max(n) as "maxPerPerson"
    from person group by week, department, channel, nature
    order by week desc, department, channel, nature`;
}
