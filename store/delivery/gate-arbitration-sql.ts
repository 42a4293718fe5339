import type postgres from 'postgres';
import { BUCKETS } from '../../domain/campaigns/audience';
import { FIRST_STEP } from '../../domain/campaigns/steps';
import { LOOK_AGAIN } from '../../domain/frequency/arbitration';
import type { Sql, Tx } from '../db';
import { counted } from './gate-caps-sql';
import type { GateMoment } from './gate-moment';
import type { StepTerms } from './wave-terms';

/**
 * `outranked (profile_id, channel, campaign_id, writes_at)`: whose slot under a cap is held by campaigns that go first,
 * the best of them, and when it is to write. null: nobody goes first. Needs `bound` of the caps.
 *
 * A slot is held by whoever has the person in the audience and has not written yet, also while it waits itself, if it
 * is to write before the window that begins with our message would end. Where the cap has no slot to hold, it speaks
 * for itself.
 */
export function outrankedCtes(sql: Sql | Tx, terms: StepTerms, moment: GateMoment): postgres.Fragment | null {
  if (moment.rivals.length === 0) return null;
  const several = terms.channels.length > 1;
  const claims = moment.rivals.flatMap((rival, rank) =>
    rival.claims.map((claim) => ({ ...rival, ...claim, rank })),
  );
  const keys = several ? sql`b.profile_id, ch.channel` : sql`b.profile_id`;
  return sql`
  wanted as materialized (
    select p.profile_id, k.cap, array_agg(r.campaign_id order by r.rank) as campaigns, array_agg(w.at order by r.rank) as ats
    from person p
    cross join unnest(
      ${claims.map((r) => r.campaignId)}::text[], ${claims.map((r) => r.rank)}::int[], ${claims.map((r) => r.part)}::text[],
      ${claims.map((r) => r.from.toISOString())}::timestamptz[], ${claims.map((r) => r.until.toISOString())}::timestamptz[],
      ${claims.map((r) => r.controlArms.join(' '))}::text[], ${claims.map((r) => r.caps.join(' '))}::text[]
    ) as r (campaign_id, rank, part, from_at, until_at, controls, caps)
    join audience_members m on m.campaign_id = r.campaign_id and m.part = r.part and m.profile_id = p.profile_id
    left join deliveries d
      on d.campaign_id = r.campaign_id and d.step = ${FIRST_STEP} and d.profile_id = p.profile_id
    cross join lateral (
      select greatest(statement_timestamp(), case when d.profile_id is null
        then r.from_at + (r.until_at - r.from_at) * (m.bucket / ${BUCKETS}::float8) else d.not_before end) as at
    ) w
    cross join lateral string_to_table(r.caps, ' ') as k (cap)
    where not coalesce(m.arm = any(string_to_array(r.controls, ' ')), false) and coalesce(d.state, 'planned') = 'planned'
    group by p.profile_id, k.cap
  ),
  outranked as materialized (
    select distinct on (${keys}) ${keys}, x.campaign_id, x.writes_at
    from bound b join wanted v on v.profile_id = b.profile_id and v.cap = b.key
    cross join lateral (
      select count(*) as n, count(*) filter (where t.nth is null) as had,
        (array_agg(t.campaign_id order by t.nth) filter (where t.nth is not null))[1] as campaign_id,
        (array_agg(t.at order by t.nth) filter (where t.nth is not null))[1] as writes_at
      from (
        select c.at, null as campaign_id, null::bigint as nth from contacts c where ${counted(sql, terms, moment)}
        union all
        select u.at, u.campaign_id, u.nth from unnest(v.ats, v.campaigns) with ordinality as u (at, campaign_id, nth)
        where u.at < coalesce(b.until, statement_timestamp() + b.span)
      ) t
    ) x
    ${several ? sql`join unnest(${[...terms.channels]}::text[]) as ch (channel) on b.channel is null or b.channel = ch.channel` : sql``}
    where x.had < b.slots and x.n >= b.slots
    order by ${keys}, writes_at desc
  ),`;
}

/** When somebody `q` who is outranked by `o` is looked at again; past their deadline, it is too late for it. */
export function lookAgainAt(sql: Sql | Tx): postgres.Fragment {
  const { leastSeconds, mostSeconds, lastSeconds } = LOOK_AGAIN;
  const seconds = (n: number): postgres.Fragment => sql`make_interval(secs => ${n}::float8)`;
  const usual = sql`greatest(statement_timestamp() + ${seconds(leastSeconds)},
        least(statement_timestamp() + ${seconds(mostSeconds)}, o.writes_at))`;
  return sql`case when o.campaign_id is not null then
        case when statement_timestamp() < q.deadline_at - ${seconds(2 * lastSeconds)}
          then least(${usual}, q.deadline_at - ${seconds(lastSeconds)}) else ${usual} end end`;
}
