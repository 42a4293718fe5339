import type { Arm } from '../domain/campaigns/scenario';
import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';

export interface Revision {
  /** Whose words: an arm's, or a later step's own. */
  readonly of: { readonly arm: string } | { readonly step: string };
  readonly content: Arm['content'];
  readonly by: string;
  readonly comment?: string;
}

/**
 * Writes new words for an arm, or for a later step whoever gets it, into the campaign's own copy of the scenario; the
 * next round renders what changed. Only before anything of it was approved, or while the campaign is held. Throws
 * not-found, conflict.
 */
export async function revise(sql: Sql, campaignId: string, revision: Revision): Promise<void> {
  const { of, content, by, comment } = revision;
  const list = 'arm' in of ? 'arms' : 'steps';
  const key = 'arm' in of ? of.arm : of.step;
  const column = 'arm' in of ? 'arm' : 'step';
  await sql.begin(async (tx) => {
    const [campaign] = await tx<
      { stage: string; held: boolean; ended: boolean; approved: boolean; nth: number | null }[]
    >`
      select stage, hold = 'paused' as held, "end" is not null as ended, approved_hash is not null as approved, (
        select (x.ordinal - 1)::int from jsonb_array_elements(scenario -> ${list}) with ordinality x(one, ordinal)
        where x.one ->> 'key' = ${key}
      ) as nth
      from campaigns where id = ${campaignId} for update`;
    if (campaign === undefined) throw new BoucleError('not-found', 'No such campaign.');
    if (campaign.ended) throw new BoucleError('campaign-ended', 'The campaign has ended.');
    // While it is held, what is left may be mended: it is approved again before anybody gets it.
    if (campaign.approved && !campaign.held)
      throw new BoucleError(
        'conflict',
        'The campaign is approved: what was approved is what is sent. Pause it to mend what is left.',
      );
    if (!campaign.held && !['define', 'audit', 'create', 'qa', 'approve'].includes(campaign.stage)) {
      throw new BoucleError('conflict', `A campaign in stage ${campaign.stage} takes no revision.`);
    }
    if (campaign.nth === null) throw new BoucleError('not-found', `The scenario has no ${column} ${key}.`);
    const path = [list, String(campaign.nth), 'content'];
    await tx`
      update campaigns set scenario = jsonb_set(
        scenario, ${path}::text[], coalesce(scenario #> ${path}::text[], '{}') || ${tx.json({ ...content })}
      ) where id = ${campaignId}`;
    await tx`
      update creatives set comment = ${comment ?? null},
        meta = meta || jsonb_build_object('revisedBy', ${by}::text, 'revisedAt', now())
      where campaign_id = ${campaignId} and ${tx(column)} = ${key} and not exists (
        select from creatives newer
        where newer.campaign_id = creatives.campaign_id and newer.step = creatives.step and newer.persona = creatives.persona
          and newer.arm = creatives.arm and newer.channel = creatives.channel and newer.locale = creatives.locale
          and newer.revision > creatives.revision)`;
  });
}
