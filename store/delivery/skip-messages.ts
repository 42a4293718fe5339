import { MESSAGE_STEP } from '../../domain/campaigns/steps';
import type { Sql } from '../db';
import type { LaneTerms } from './claim-messages';
import { givenBackCtes } from './given-back-sql';
import { keptCost, unsentChannel, unsentReason, unsentState } from './ledger-sql';

/** As `skipRest`, for the single messages of a campaign: who was not written to yet is skipped, each in the ledger. */
export async function skipMessages(sql: Sql, terms: LaneTerms, reason: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select from campaign_budgets where campaign_id = ${terms.campaignId} for update`;
    await tx`
      with rest as materialized (
        select d.profile_id, d.step, d.cost_micros
        from messages m
        join deliveries d on d.campaign_id = m.campaign_id and d.step = ${MESSAGE_STEP} || m.id and d.profile_id = m.profile_id
        where m.campaign_id = ${terms.campaignId} and m.settled_at is null and d.state in ('planned', 'claimed')
        for update of d
      ),
      stopped as (
        update deliveries d set state = ${unsentState(tx)}, channel = ${unsentChannel(tx, tx`d.channel`)},
          reason = ${unsentReason(tx, tx`${reason}::text`)}, not_before = null, settled_at = clock_timestamp(),
          cost_micros = ${keptCost(tx, tx`null`)}
        from rest r
        where d.campaign_id = ${terms.campaignId} and d.step = r.step and d.profile_id = r.profile_id
        returning d.campaign_id, d.step, d.profile_id, r.cost_micros, d.in_doubt
      ),
      ${givenBackCtes(tx, 'stopped')}
      insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, reason, settled_at)
      select m.campaign_id, ${MESSAGE_STEP} || m.id, m.profile_id, ${terms.wave}, ${terms.arm}, ${terms.persona},
        ${terms.channels[0] ?? null}, 'skipped', ${reason}, clock_timestamp()
      from messages m where m.campaign_id = ${terms.campaignId} and m.settled_at is null
      on conflict do nothing`;
    await tx`
      update messages m set settled_at = clock_timestamp() from deliveries d
      where m.campaign_id = ${terms.campaignId} and m.settled_at is null
        and d.campaign_id = m.campaign_id and d.step = ${MESSAGE_STEP} || m.id and d.profile_id = m.profile_id
        and d.state in ('accepted', 'failed', 'skipped', 'uncertain')`;
  });
}
