import type postgres from 'postgres';
import { FIRST_STEP, MESSAGE_STEP } from '../../domain/campaigns/steps';
import type { CalendarUnit } from '../../domain/frequency/calendar-window';
import { FORMAT_UNSAID } from '../../domain/frequency/cap';
import type { Sql, Tx } from '../db';

/** More than `limit` contacts within any one window are too many; what is null, every value of it counts. */
export interface Measure {
  readonly key: string;
  readonly nature: string | null;
  readonly channel: string | null;
  readonly department: string | null;
  readonly format: string | null;
  readonly limit: number;
  /** Whether what a campaign sends after its first message counts as well. */
  readonly laterSteps: boolean;
  /** Rolling days, or a day, week or month of the market's calendar. */
  readonly window: { readonly days: number } | { readonly calendar: CalendarUnit; readonly zone: string };
  /** Whom it is about: a condition on profiles under the alias `p`. */
  readonly who: postgres.Fragment;
}

export interface OverSolicited {
  readonly profileId: number;
  /** Keys of the measures they are over, `threshold` for one that was given. */
  readonly over: readonly string[];
  /** The most contacts in one window of any of them. */
  readonly contacts: number;
  /** Who wrote to them in the weeks looked at. */
  readonly departments: readonly string[];
}

/** People over any of the measures at any time since, in order of id after `after`. */
export async function overSolicited(
  sql: Sql | Tx,
  input: {
    readonly measures: readonly Measure[];
    readonly since: Date;
    readonly market: string;
    readonly after: number;
    readonly limit: number;
  },
): Promise<OverSolicited[]> {
  const [first, ...others] = input.measures.map((measure) => overOne(sql, measure, input));
  if (first === undefined) return [];
  const all = others.reduce((left, right) => sql`${left} union all ${right}`, first);
  return sql<OverSolicited[]>`
    with over_one as (${all}),
    page as (
      select profile_id, array_agg(key order by key) as over, max(n) as contacts
      from over_one group by profile_id order by profile_id limit ${input.limit}
    )
    select page.profile_id as "profileId", page.over, page.contacts,
      array(select distinct c.department from contacts c
        where c.profile_id = page.profile_id and c.at >= ${input.since} order by c.department) as departments
    from page order by page.profile_id`;
}

const overOne = (
  sql: Sql | Tx,
  { key, nature, channel, department, format, limit, laterSteps, window, who }: Measure,
  { since, market, after }: { readonly since: Date; readonly market: string; readonly after: number },
): postgres.Fragment => sql`
  select x.profile_id, ${key}::text as key, max(x.n) as n
  from (
    select c.profile_id, c.at, count(*) over (${frame(sql, window)}) as n
    from contacts c
    where c.profile_id > ${after} and c.at > ${since}::timestamptz - make_interval(days => ${LONGEST_WINDOW_DAYS}) and c.at <= now()
      and (${nature}::text is null or c.nature = ${nature}) and (${channel}::text is null or c.channel = ${channel})
      and (${department}::text is null or c.department = ${department})
      and (${format}::text is null or coalesce(c.format, ${FORMAT_UNSAID}) = ${format})
      ${laterSteps ? sql`` : sql`and (c.step is null or c.step = ${FIRST_STEP} or starts_with(c.step, ${MESSAGE_STEP}))`}
  ) x
  join profiles p on p.id = x.profile_id
  where p.merged_into is null and x.at >= ${since} and x.n > ${limit} and p.market = ${market} and ${who}
  group by x.profile_id`;

/** No cap looks further back. */
const LONGEST_WINDOW_DAYS = 400;

/** A contact that fell just outside a rolling window as another came is not in it: the frame is a microsecond short. */
const frame = (sql: Sql | Tx, window: Measure['window']): postgres.Fragment =>
  'days' in window
    ? sql`partition by c.profile_id order by c.at
        range between make_interval(secs => ${window.days * 86_400} - 0.000001) preceding and current row`
    : sql`partition by c.profile_id, date_trunc(${window.calendar}, c.at at time zone ${window.zone}) order by c.at`;
