import type { Client } from '@temporalio/client';
import { createCallTemporal } from '../adapters/temporal/call';
import { updateOrSignal } from '../adapters/temporal/update-or-signal';
import { campaignWorkflowId, decidedSignal, decideUpdate } from '../workflows/campaign/contract';
import type { DeliverDecision } from './slack-outbox';

/** A decision counts once, by its id. */
export function createDeliverDecision(client: Client): DeliverDecision {
  const call = createCallTemporal(() => Promise.resolve(client));
  return (campaignId, decision) =>
    updateOrSignal(call, {
      workflowId: campaignWorkflowId(campaignId),
      update: decideUpdate,
      updateId: decision.decisionId,
      said: decision,
      signal: decidedSignal,
      kept: [decision],
    });
}
