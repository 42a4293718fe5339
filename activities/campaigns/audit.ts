import type { CampaignsActivities } from '../contract';
import { stratumAttributes } from '../../domain/campaigns/strata';
import { tooSmallWords } from '../../domain/experiments/campaign-plan';
import { refusedAttributes, type TargetingPolicy } from '../../domain/segments/policy';
import { attributesOf } from '../../domain/segments/rule';
import type { AudienceStore } from '../../store/audience-store';
import type { CampaignsStore } from '../../store/campaigns-store';
import { guarded } from '../failure';

/** Reads only. */
export function auditActivity(
  {
    audiences,
    campaigns,
  }: {
    readonly audiences: Pick<AudienceStore, 'rules' | 'traffic'>;
    readonly campaigns: Pick<CampaignsStore, 'get' | 'progress'>;
  },
  policy: TargetingPolicy,
): Pick<CampaignsActivities, 'auditAudience'> {
  return {
    auditAudience: ({ campaignId }) =>
      guarded(async () => {
        const [rules, campaign, { audience }] = await Promise.all([
          audiences.rules(campaignId),
          campaigns.get(campaignId),
          campaigns.progress(campaignId),
        ]);
        // What the test is stratified by is read of people as a rule reads it.
        const strata = stratumAttributes(campaign?.scenario.experiment?.stratifyBy);
        const rule = { all: [...rules, ...strata.map((attribute) => ({ attribute, exists: true }))] };
        const traffic =
          campaign === null ? null : await audiences.traffic(campaign.scenario.audience.segment);
        return {
          used: attributesOf(rule),
          refused: refusedAttributes(rule, policy),
          tooSmall:
            campaign === null || audience === null
              ? null
              : tooSmallWords(campaign.scenario, audience, traffic?.entersPerDay ?? null),
        };
      }),
  };
}
