import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Client,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type {
  CampaignRequest,
  CampaignRows,
  CampaignStart,
  StartedCampaign,
} from '../../domain/campaigns/starting';
import type { SearchAttribute } from '../../domain/campaigns/search-attributes';

/** Shorter than the grace after which the worker starts a campaign without a run by itself. */
const START_DEADLINE_MS = 8_000;

/** Starts the workflow of a campaign and answers its run id; where it runs already, that run's. */
export type StartRun = (campaign: CampaignStart) => Promise<string>;

export function createStartRun(deps: {
  readonly client: () => Promise<Client>;
  readonly workflowType: string;
  readonly taskQueue: string;
}): StartRun {
  return async (campaign) => {
    const client = await deps.client();
    const { campaignId, workflowId } = campaign;
    try {
      const handle = await client.withDeadline(Date.now() + START_DEADLINE_MS, () =>
        client.workflow.start(deps.workflowType, {
          workflowId,
          taskQueue: deps.taskQueue,
          args: [{ campaignId }],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
          typedSearchAttributes: [
            keyword('CampaignId', campaignId),
            keyword('Scenario', campaign.scenarioKey),
            keyword('Stage', 'define'),
            keyword('Market', campaign.market),
            keyword('Department', campaign.department),
          ],
          // Temporal takes 200 bytes of summary; names are shorter today, but nothing says they stay so.
          staticSummary: `${campaign.title} (${campaign.scenarioKey} v${campaign.scenarioVersion})`.slice(
            0,
            150,
          ),
          staticDetails: `**${campaign.title}**\n\n${campaign.objective}`,
        }),
      );
      return handle.firstExecutionRunId;
    } catch (error) {
      // A firing that is tried again after its campaign has ended: it was started, and once is enough.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return (await client.workflow.getHandle(workflowId).describe()).runId;
    }
  };
}

/**
 * Makes a campaign and starts its workflow: both or neither. The row comes first, since the workflow's first activity
 * reads it; where Temporal does not take the start, the row is taken back and the error goes to the caller.
 * Temporal may have taken a start whose answer was lost: that run finds no row and ends.
 */
export function createCampaignStarter({
  rows,
  startRun,
}: {
  readonly rows: CampaignRows;
  readonly startRun: StartRun;
}) {
  return {
    async start(request: CampaignRequest): Promise<StartedCampaign> {
      const campaign = await rows.create(request);
      const { campaignId, workflowId } = campaign;
      const runId = await startRun(campaign).catch(async (error: unknown) => {
        await rows.remove(campaignId);
        throw error;
      });
      await rows.setRunId(campaignId, runId);
      return { campaignId, workflowId, runId };
    },

    /** A new run of a campaign that Temporal has lost; it goes on from what PostgreSQL recorded. */
    async startAgain(campaignId: string): Promise<StartedCampaign> {
      const campaign = await rows.find(campaignId);
      const runId = await startRun(campaign);
      await rows.setRunId(campaignId, runId);
      return { campaignId, workflowId: campaign.workflowId, runId };
    },
  };
}

export type CampaignStarter = ReturnType<typeof createCampaignStarter>;

const keyword = (name: SearchAttribute, value: string) => ({
  key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
  value,
});
