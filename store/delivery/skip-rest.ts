import type { Sql } from '../db';
import { givenBackCtes } from './given-back-sql';
import { keptCost, unsentChannel, unsentReason, unsentState } from './ledger-sql';
import type { WaveTerms } from './wave-terms';

/**
 * Ends an aborted wave: everybody who is not on the wire and has no end yet is skipped, so that the wave's numbers
 * add up. Done again it changes nothing; what another attempt holds on the wire is recorded by that attempt.
 */
export async function skipRest(sql: Sql, terms: WaveTerms, reason: string): Promise<number> {
  return sql.begin(async (tx) => {
    // First the budget, as a claim does: the other way round each could wait for the other.
    await tx`select from campaign_budgets where campaign_id = ${terms.campaignId} for update`;
    const { count } = await tx`
      with rest as materialized (
        select profile_id, cost_micros from deliveries
        where campaign_id = ${terms.campaignId} and step = ${terms.step} and wave = ${terms.wave} and state in ('planned', 'claimed')
        for update
      ),
      stopped as (
        update deliveries d set state = ${unsentState(tx)}, channel = ${unsentChannel(tx, tx`d.channel`)},
          reason = ${unsentReason(tx, tx`${reason}::text`)}, not_before = null, settled_at = clock_timestamp(),
          cost_micros = ${keptCost(tx, tx`null`)}
        from rest r
        where d.campaign_id = ${terms.campaignId} and d.step = ${terms.step} and d.profile_id = r.profile_id
        returning d.campaign_id, d.step, d.profile_id, r.cost_micros, d.in_doubt
      ),
      ${givenBackCtes(tx, 'stopped')}
      insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, reason, settled_at)
      select ${terms.campaignId}, ${terms.step}, m.profile_id, ${terms.wave}, coalesce(${terms.arm}::text, m.arm, ${terms.defaultArm}), m.persona,
        ${terms.channels[0] ?? null}, 'skipped', ${reason}, clock_timestamp()
      from audience_members m
      where m.campaign_id = ${terms.campaignId} and m.part = ${terms.part}
        and m.bucket >= ${terms.buckets.from} and m.bucket < ${terms.buckets.to}
        and not coalesce(m.arm = any(${[...terms.controlArms]}::text[]), false)
      on conflict do nothing`;
    return count;
  });
}
