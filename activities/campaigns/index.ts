import type { CampaignStarter } from '../../adapters/temporal/start-campaign';
import type { TargetingPolicy } from '../../domain/segments/policy';
import type { AudienceStore } from '../../store/audience-store';
import type { CampaignSchedulesStore } from '../../store/campaign-schedules-store';
import type { IntakeStore } from '../../store/intake-store';
import type { CampaignsStore } from '../../store/campaigns-store';
import type { MessagesStore } from '../../store/messages-store';
import type { CampaignsActivities } from '../contract';
import { BoucleError } from '../../domain/shared/errors';
import { guarded } from '../failure';
import { auditActivity } from './audit';
import { dryRunActivity, type DryRunDeps } from './dry-run';
import { freezeActivity } from './freeze';
import { loadPlan } from './plan';

export interface CampaignsDeps extends DryRunDeps {
  readonly campaigns: CampaignsStore;
  readonly audiences: AudienceStore;
  readonly intake: IntakeStore;
  readonly messages: Pick<MessagesStore, 'left'>;
  readonly schedules: CampaignSchedulesStore;
  readonly starter: CampaignStarter;
  readonly targeting: TargetingPolicy;
}

export function createCampaignsActivities(deps: CampaignsDeps): CampaignsActivities {
  const { campaigns, schedules, starter } = deps;
  return {
    ...freezeActivity(deps.audiences),
    takeIn: ({ campaignId, ...next }) => guarded(() => deps.intake.takeIn(campaignId, next)),
    messagesLeft: ({ campaignId }) => guarded(async () => ({ left: await deps.messages.left(campaignId) })),
    enterPeople: ({ campaignId }) => guarded(() => deps.intake.enterPeople(campaignId)),
    ...auditActivity(deps, deps.targeting),
    ...dryRunActivity(deps),
    loadPlan: ({ campaignId }) => guarded(() => loadPlan(campaigns, campaignId)),
    beginStage: ({ campaignId, stage }) => guarded(() => campaigns.beginStage(campaignId, stage)),
    endStage: ({ campaignId, stage, outcome, details }) =>
      guarded(() => campaigns.endStage(campaignId, stage, outcome, details ?? {})),
    setBlockedOn: ({ campaignId, blockedOn }) => guarded(() => campaigns.setBlockedOn(campaignId, blockedOn)),
    setHold: ({ campaignId, hold }) => guarded(() => campaigns.setHold(campaignId, hold)),
    endCampaign: ({ campaignId, end, reason }) => guarded(() => campaigns.end(campaignId, end, reason)),
    startScheduled: ({ scheduleRowId, firing }) =>
      guarded(async () => {
        const schedule = await schedules.get(scheduleRowId);
        if (schedule.state === 'cancelled') throw new BoucleError('conflict', 'The schedule was cancelled.');
        const { campaignId } = await starter.start({
          scenario: schedule.scenario,
          by: schedule.createdBy,
          once: firing,
        });
        await schedules.markDone(scheduleRowId);
        return { campaignId };
      }),
  };
}
