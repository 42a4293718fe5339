import type { Sql } from '../db';
import type { WaveTerms } from './wave-terms';

/**
 * Ends an aborted wave: everybody who is not on the wire and has no end yet is skipped, so that the wave's numbers
 * add up. Done again it changes nothing; what another attempt holds on the wire is recorded by that attempt.
 */
export async function skipRest(sql: Sql, terms: WaveTerms, reason: string): Promise<number> {
  const { count } = await sql`
    with stopped as (
      update deliveries set state = 'skipped', reason = ${reason}, not_before = null, settled_at = clock_timestamp()
      where campaign_id = ${terms.campaignId} and step = ${terms.step} and wave = ${terms.wave} and state in ('planned', 'claimed')
      returning campaign_id, step, profile_id
    ),
    released as (
      delete from contacts c using stopped s
      where c.campaign_id = s.campaign_id and c.step = s.step and c.profile_id = s.profile_id
    )
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, reason, settled_at)
    select ${terms.campaignId}, ${terms.step}, m.profile_id, ${terms.wave}, coalesce(${terms.arm}::text, m.arm), m.persona,
      ${terms.channels[0] ?? null}, 'skipped', ${reason}, clock_timestamp()
    from audience_members m
    where m.campaign_id = ${terms.campaignId} and m.part = ${terms.part}
      and m.bucket >= ${terms.buckets.from} and m.bucket < ${terms.buckets.to}
      and not coalesce(m.arm = any(${[...terms.controlArms]}::text[]), false)
    on conflict do nothing`;
  return count;
}
