/** What a Temporal Schedule starts: it makes the campaign and ends; the campaign runs on its own. */
export const SCHEDULED_CAMPAIGN_WORKFLOW = 'scheduledCampaignWorkflow';

export interface ScheduledCampaignInput {
  readonly scheduleRowId: string;
}
