import type postgres from 'postgres';
import { FORMAT_UNSAID, STATED_CAP } from '../../domain/frequency/cap';
import type { Sql, Tx } from '../db';
import { recipientTypeSql } from '../recipient-type-sql';
import { ruleSql } from '../segment-sql';
import type { GateMoment, LiveCap } from './gate-moment';
import type { StepTerms } from './wave-terms';

type Fragment = postgres.Fragment;

/**
 * Common table expressions from `person` to `capped (profile_id, channel, key, slot_at)`: the cap that holds somebody
 * longest on a channel, and when it lets them go. With one channel there is no such column. null: no cap is in force.
 */
export function capCtes(sql: Sql | Tx, terms: StepTerms, moment: GateMoment): Fragment | null {
  const { caps, stated } = moment;
  // A wish about newsletters holds also where no rule does.
  const wish = stated && terms.nature === 'newsletter';
  if (caps.length === 0 && !wish) return null;
  const several = terms.channels.length > 1;
  return sql`
  ${conditionCtes(sql, moment)}
  ${boundCte(sql, terms, moment, wish)}
  full_cap as ${several ? sql`materialized` : sql`not materialized`} (
    select b.profile_id, b.key, b.channel, b.slots,
      case when b.slots = 0 then 'infinity' else coalesce(b.until, x.at + b.span) end as slot_at
    from bound b left join lateral (
      -- The limit-th youngest contact of the window blocks until it leaves it.
      select c.at from contacts c where ${counted(sql, terms, moment)}
      order by c.at desc offset greatest(b.slots - 1, 0) limit 1
    ) x on true
    where b.slots = 0 or x.at is not null
  ),
  capped as materialized (
    select distinct on (${onChannel(sql, several)}) ${onChannel(sql, several)}, f.key, f.slot_at
    from full_cap f ${several ? sql`join unnest(${[...terms.channels]}::text[]) as ch (channel) on f.channel is null or f.channel = ch.channel` : sql``}
    order by ${onChannel(sql, several)}, f.slot_at desc, f.slots, f.key = ${STATED_CAP}, f.key
  ),`;
}

/** A contact `c` that counts against a rule `b`; our own of this very step does not, nor do earlier steps where the rule says so. */
export const counted = (sql: Sql | Tx, terms: StepTerms, { caps }: GateMoment): Fragment => {
  const lenient = caps.filter((cap) => cap.excludeOwnCampaign === true).map(({ key }) => key);
  return sql`
  c.profile_id = b.profile_id and c.at > b.after and c.nature = ${terms.nature}
  and (b.channel is null or c.channel = b.channel) and (b.department is null or c.department = b.department)
  ${caps.some((cap) => cap.format !== undefined) ? sql`and (b.format is null or coalesce(c.format, ${FORMAT_UNSAID}) = b.format)` : sql``}
  and (c.campaign_id, c.step) is distinct from (${terms.campaignId}, b.step)
  ${terms.follows === null || lenient.length === 0 ? sql`` : sql`and not coalesce(c.campaign_id = ${terms.campaignId} and b.key = any(${lenient}::text[]), false)`}`;
};

const onChannel = (sql: Sql | Tx, several: boolean): Fragment =>
  several ? sql`f.profile_id, ch.channel` : sql`f.profile_id`;

/**
 * `bound`: each rule as it holds each person. `after`: contacts younger than that count; one exactly a window ago does
 * not, one at the first instant of a calendar window does. `until`: the end of that window; null: it rolls.
 */
function boundCte(sql: Sql | Tx, terms: StepTerms, { caps, windows }: GateMoment, wish: boolean): Fragment {
  const rules = [
    ...caps.map((cap) => ({ ...cap, windowDays: cap.windowDays ?? null, calendar: cap.calendar ?? null })),
    ...(wish ? [{ key: STATED_CAP, limit: null, windowDays: null, calendar: null }] : []),
  ];
  const calendars = windows.length > 0;
  const conditional = caps.filter(isConditional).map(({ key }) => key);
  // A stop (0) is the company's and stays one; any other newsletter rule gives way to what the person asked for.
  const slots = wish
    ? sql`case when r.slots = 0 then 0 else coalesce(pf.newsletter_limit, r.slots) end`
    : sql`r.slots`;
  const days = wish ? sql`coalesce(pf.newsletter_days::float8, r.days)` : sql`r.days`;
  const since = calendars
    ? wish
      ? sql`case when pf.newsletter_days is null then w.since end`
      : sql`w.since`
    : sql`null::timestamptz`;
  const until = calendars
    ? wish
      ? sql`case when pf.newsletter_days is null then w.until end`
      : sql`w.until`
    : sql`null::timestamptz`;
  return sql`
  cap_rule as materialized (
    select * from unnest(
      ${rules.map((r) => r.key)}::text[], ${rules.map((r) => r.limit)}::int[], ${rules.map((r) => r.windowDays)}::float8[],
      ${rules.map((r) => r.calendar)}::text[], ${caps.map((r) => r.channel ?? null)}::text[],
      ${caps.map((r) => r.department ?? null)}::text[], ${caps.map((r) => r.format ?? null)}::text[]
    ) as r (key, slots, days, unit, channel, department, format)
  ),
  bound as ${calendars || wish || conditional.length > 0 ? sql`materialized` : sql`not materialized`} (
    select b.*, coalesce(b.since - interval '1 microsecond', statement_timestamp() - b.span) as after from (
      select p.profile_id, p.step, r.key, r.channel, r.department, r.format, ${slots} as slots,
        make_interval(secs => ${days} * 86400) as span, ${since} as since, ${until} as until
      from person p cross join cap_rule r
      ${calendars ? sql`left join unnest(${windows.map((w) => w.profileId)}::bigint[], ${windows.map((w) => w.unit)}::text[], ${windows.map((w) => w.since.toISOString())}::timestamptz[], ${windows.map((w) => w.until.toISOString())}::timestamptz[]) as w (profile_id, unit, since, until) on w.profile_id = p.profile_id and w.unit = r.unit` : sql``}
      ${wish ? sql`left join preferences pf on pf.profile_id = p.profile_id` : sql``}
      ${conditional.length === 0 ? sql`` : sql`where r.key <> all(${conditional}::text[]) or exists (select from held h where h.profile_id = p.profile_id and h.key = r.key)`}
    ) b
    ${wish ? sql`where b.slots is not null and (b.span is not null or b.since is not null)` : sql``}
  ),`;
}

/** About some people only. */
export const isConditional = (cap: LiveCap): boolean =>
  cap.recipientType !== undefined || cap.segmentRule !== null;

/** `held (profile_id, key)`: whom the rules about some people are about. Nothing where there are none. */
function conditionCtes(sql: Sql | Tx, { caps, now }: GateMoment): Fragment {
  const conditional = caps.filter(isConditional);
  if (conditional.length === 0) return sql``;
  const held = conditional
    .map(
      (cap) => sql`
    select p.id as profile_id, ${cap.key}::text as key from recipient rc join profiles p on p.id = rc.profile_id
    where ${cap.recipientType === undefined ? sql`true` : sql`rc.type = ${cap.recipientType}`}
      and ${cap.segmentRule === null ? sql`true` : ruleSql(sql, cap.segmentRule, now)}`,
    )
    .reduce((all, one) => sql`${all} union all ${one}`);
  return sql`
  recipient as materialized (
    select p.id as profile_id, ${recipientTypeSql(sql)} as type
    from person x join profiles p on p.id = x.profile_id
  ),
  held as materialized (${held}),`;
}
