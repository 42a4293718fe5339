import type { CampaignsActivities } from '../contract';
import { refusedAttributes, type TargetingPolicy } from '../../domain/segments/policy';
import { attributesOf } from '../../domain/segments/rule';
import type { AudienceStore } from '../../store/audience-store';
import { guarded } from '../failure';

/** Reads only. */
export function auditActivity(
  audiences: AudienceStore,
  policy: TargetingPolicy,
): Pick<CampaignsActivities, 'auditAudience'> {
  return {
    auditAudience: ({ campaignId }) =>
      guarded(async () => {
        const rule = { all: await audiences.rules(campaignId) };
        return { used: attributesOf(rule), refused: refusedAttributes(rule, policy) };
      }),
  };
}
