import type postgres from 'postgres';
import { FIRST_STEP } from '../../domain/campaigns/steps';
import type { Sql, Tx } from '../db';
import { counted } from './gate-caps-sql';
import type { GateMoment } from './gate-moment';
import type { StepTerms } from './wave-terms';

/**
 * `outranked (profile_id, channel, campaign_id)`: who is wanted by campaigns that go first, under a cap that has no slot
 * left for this one after them. null: nobody goes first. Needs `bound` of the caps.
 *
 * Wanting somebody is having them in the audience and not having judged them yet, or having put them off for a while
 * that is not a lack of slots: a rival that itself waits for one takes none.
 */
export function outrankedCtes(sql: Sql | Tx, terms: StepTerms, moment: GateMoment): postgres.Fragment | null {
  if (moment.rivals.length === 0) return null;
  const several = terms.channels.length > 1;
  const pairs = moment.rivals.flatMap((rival, rank) => rival.caps.map((cap) => ({ ...rival, cap, rank })));
  const keys = several ? sql`b.profile_id, ch.channel` : sql`b.profile_id`;
  return sql`
  wanted as materialized (
    select p.profile_id, r.cap, count(*) as n, (array_agg(r.campaign_id order by r.rank))[1] as campaign_id
    from person p
    cross join unnest(
      ${pairs.map((r) => r.cap)}::text[], ${pairs.map((r) => r.campaignId)}::text[], ${pairs.map((r) => r.rank)}::int[],
      ${pairs.map((r) => r.controlArms.join(' '))}::text[]
    ) as r (cap, campaign_id, rank, controls)
    join audience_members m
      on m.campaign_id = r.campaign_id and m.part in ('pilot', 'test', 'rollout') and m.profile_id = p.profile_id
    where not coalesce(m.arm = any(string_to_array(r.controls, ' ')), false)
      and not exists (
        select from deliveries d where d.campaign_id = r.campaign_id and d.step = ${FIRST_STEP} and d.profile_id = p.profile_id
          and (d.state <> 'planned' or d.reason like 'cap:%' or d.reason like 'arbitration:%'))
    group by p.profile_id, r.cap
  ),
  outranked as materialized (
    select distinct on (${keys}) ${keys}, v.campaign_id
    from bound b join wanted v on v.profile_id = b.profile_id and v.cap = b.key
    ${several ? sql`join unnest(${[...terms.channels]}::text[]) as ch (channel) on b.channel is null or b.channel = ch.channel` : sql``}
    where (select count(*) from contacts c where ${counted(sql, terms, moment)}) + v.n >= b.slots
    order by ${keys}, v.campaign_id
  ),`;
}
