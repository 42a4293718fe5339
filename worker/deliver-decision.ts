import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { isGrpcDeadlineError } from '@temporalio/client';
import { BoucleError } from '../domain/shared/errors';
import { campaignWorkflowId, decidedSignal, decideUpdate } from '../workflows/campaign/contract';
import type { DeliverDecision } from './slack-outbox';

/** Longer than a busy worker takes; then the decision is left as a signal, which keeps. */
const ANSWER_WITHIN_MS = 10_000;

/**
 * First as an update, for the answer; where no worker takes it in time, as a signal, which Temporal keeps. Both carry
 * the decision id, and a decision counts once.
 */
export function createDeliverDecision(client: Client): DeliverDecision {
  return async (campaignId, decision) => {
    const handle = client.workflow.getHandle(campaignWorkflowId(campaignId));
    try {
      return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
        handle.executeUpdate(decideUpdate, { args: [decision], updateId: decision.decisionId }),
      );
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) {
        throw new BoucleError('campaign-ended', 'The campaign has no run to decide about.');
      }
      if (!isGrpcDeadlineError(error) && !timedOut(error)) throw error;
      await handle.signal(decidedSignal, decision);
      return 'kept';
    }
  };
}

const timedOut = (error: unknown): boolean =>
  error instanceof Error &&
  /WorkflowUpdateRPCTimeoutOrCancelled|DEADLINE_EXCEEDED/.test(`${error.name} ${error.message}`);
