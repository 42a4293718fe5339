import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { CampaignsStore } from '../store/campaigns-store';
import type { End } from '../domain/shared/words';

export interface ReconcileDeps {
  readonly client: Client;
  readonly campaigns: CampaignsStore;
  readonly startRun: (campaignId: string) => Promise<void>;
  readonly log: Logger;
}

/** How long a campaign's row may be ahead of its run: the api writes one just before it starts the other. */
const GRACE_SECONDS = 10;

/** A run that ended without recording the campaign's end, by what Temporal says of it. */
const ENDS: Partial<Record<string, { end: End; reason: string }>> = {
  TERMINATED: { end: 'aborted', reason: 'Terminated in Temporal.' },
  CANCELLED: { end: 'aborted', reason: 'Cancelled in Temporal.' },
  FAILED: { end: 'failed', reason: 'The workflow failed; Temporal has its history.' },
  TIMED_OUT: { end: 'failed', reason: 'The workflow timed out in Temporal.' },
};

/**
 * PostgreSQL is the truth about which campaigns are open; Temporal may have lost its store. A campaign without a run
 * is started again: it reads what was recorded and goes on from there, and the ledger keeps anybody from being sent
 * twice. A run somebody terminated by hand ends its campaign. Answers how many were started again.
 */
export async function reconcileCampaigns({
  client,
  campaigns,
  startRun,
  log,
}: ReconcileDeps): Promise<number> {
  let started = 0;
  for (const { id, workflowId } of await campaigns.open(GRACE_SECONDS)) {
    try {
      const { status } = await client.workflow.getHandle(workflowId).describe();
      const ended = ENDS[status.name];
      if (ended !== undefined) {
        await campaigns.setHold(id, 'aborted');
        await campaigns.end(id, ended.end, ended.reason);
        log.warn({ campaignId: id, status: status.name }, 'a run ended by itself; its campaign is ended too');
      }
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      await startRun(id);
      started += 1;
      log.warn(
        { campaignId: id },
        'Temporal does not know this campaign: started again from what PostgreSQL recorded',
      );
    }
  }
  return started;
}
