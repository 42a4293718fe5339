import { namesOf } from '../activities/failure';
import { runStatus, type DescribingClient } from '../adapters/temporal/run-status';
import type { CampaignsStore } from '../store/campaigns-store';
import type { End } from '../domain/shared/words';

export interface ReconcileDeps {
  readonly client: DescribingClient;
  readonly campaigns: Pick<CampaignsStore, 'open' | 'setHold' | 'end'>;
  readonly startRun: (campaignId: string) => Promise<void>;
  /** Settles who is left in the waves of a campaign that is held as aborted. Throws while messages are on the wire. */
  readonly closeAborted: (campaignId: string) => Promise<void>;
  readonly log: { warn(fields: object, message: string): void };
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
export async function reconcileCampaigns(deps: ReconcileDeps): Promise<number> {
  const { campaigns, log } = deps;
  let started = 0;
  for (const open of await campaigns.open(GRACE_SECONDS)) {
    try {
      if (await reconcile(deps, open)) started += 1;
    } catch (error) {
      // One campaign that cannot be settled must not keep those behind it from it; the next round tries it again.
      log.warn(
        { campaignId: open.id, err: namesOf(error).name },
        'a campaign could not be compared with its run; the next round tries again',
      );
    }
  }
  return started;
}

/** True: its run was started again. */
async function reconcile(
  { client, campaigns, startRun, closeAborted, log }: ReconcileDeps,
  { id, workflowId }: { readonly id: string; readonly workflowId: string },
): Promise<boolean> {
  const status = await runStatus(client, workflowId);
  if (status === null) {
    await startRun(id);
    log.warn(
      { campaignId: id },
      'Temporal does not know this campaign: started again from what PostgreSQL recorded',
    );
    return true;
  }
  const ended = ENDS[status];
  if (ended !== undefined) {
    await campaigns.setHold(id, 'aborted');
    // Before the end: where it fails, the campaign is still open and the next look tries again.
    await closeAborted(id);
    await campaigns.end(id, ended.end, ended.reason);
    log.warn({ campaignId: id, status }, 'a run ended by itself; its campaign is ended too');
  }
  return false;
}
