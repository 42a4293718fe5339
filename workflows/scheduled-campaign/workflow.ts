import { workflowInfo } from '@temporalio/workflow';
import { activities } from '../activity-groups';
import type { ScheduledCampaignInput } from './contract';

export async function scheduledCampaignWorkflow(
  input: ScheduledCampaignInput,
): Promise<{ campaignId: string }> {
  // The run's id carries the scheduled time: one firing makes one campaign, however often this is tried.
  return activities.short.startScheduled({ ...input, firing: workflowInfo().workflowId });
}
