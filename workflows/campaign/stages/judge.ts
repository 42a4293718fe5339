import { FIRST_STEP } from '../../../domain/campaigns/steps';
import { activities } from '../../activity-groups';
import { Ended } from '../ended';
import type { CampaignRun } from '../run';

const { short } = activities;

/** Stops the campaign, with an incident, where a guardrail of the wave is crossed. */
export async function judge(run: CampaignRun, wave: string): Promise<Record<string, unknown>> {
  const verdict = await short.judgeWave({ campaignId: run.campaignId, step: FIRST_STEP, wave });
  if (!verdict.ok) {
    await short.openIncident({
      campaignId: run.campaignId,
      kind: `guardrail.${wave}`,
      message: verdict.words,
      details: { guardrails: verdict.guardrails },
    });
    throw new Ended('stopped', verdict.words);
  }
  return { words: verdict.words, guardrails: verdict.guardrails };
}
