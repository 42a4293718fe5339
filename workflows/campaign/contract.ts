import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Decision, DecisionAnswer } from '../../domain/approvals/decision';
import type { End, Hold, Stage } from '../../domain/shared/words';

/** One workflow per campaign, weeks long. It holds the stage and nothing big. */
export const CAMPAIGN_WORKFLOW = 'campaignWorkflow';
export const CAMPAIGN_QUEUE = 'campaigns';

export const campaignWorkflowId = (campaignId: string): string => `campaign.${campaignId}`;

/** Everything else is read from PostgreSQL by the first activity, so that a lost run starts again from this. */
export interface CampaignInput {
  readonly campaignId: string;
}

export interface CampaignResult {
  readonly end: End;
  readonly reason: string;
}

export interface CampaignState {
  readonly stage: Stage;
  readonly hold: Hold;
  readonly blockedOn: string | null;
  readonly waitingForApproval: { readonly approvalId: string; readonly subjectHash: string } | null;
}

/** A command from a person. `commandId` makes it count once, also when it is sent twice. */
export interface Command {
  readonly commandId: string;
  readonly by: string;
  readonly reason?: string;
}

/** Where the caller needs the answer (REST). */
export const decideUpdate = defineUpdate<DecisionAnswer, [Decision]>('decide');
export const pauseUpdate = defineUpdate<CampaignState, [Command]>('pause');
export const resumeUpdate = defineUpdate<CampaignState, [Command]>('resume');
export const abortUpdate = defineUpdate<CampaignState, [Command]>('abort');
/** A creative was revised in PostgreSQL: render and check it again; an approval that waits is void. */
export const revisedUpdate = defineUpdate<CampaignState, [Command]>('revised');

/** What must be kept even while no worker is up (the Slack outbox). Same handler as the update. */
export const decidedSignal = defineSignal<[Decision]>('decided');
/** The same commands where no worker answered in time: kept until one is up, and counted once with the update. */
export const commandedSignal = defineSignal<['pause' | 'resume' | 'abort' | 'revised', Command]>('commanded');

export const stateQuery = defineQuery<CampaignState>('state');
