import type { CampaignsActivities } from '../contract';
import type { AudienceStore } from '../../store/audience-store';
import { guarded } from '../failure';

/** Safe to repeat: the stored counts are the answer from the second call on, and the forecast is noted once. */
export function freezeActivity(audiences: AudienceStore): Pick<CampaignsActivities, 'freezeAudience'> {
  return {
    freezeAudience: ({ campaignId }) =>
      guarded(async () => {
        const counts = await audiences.freeze(campaignId);
        await audiences.noteForecast(campaignId);
        return counts;
      }),
  };
}
