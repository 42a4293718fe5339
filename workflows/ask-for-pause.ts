import { getExternalWorkflowHandle, uuid4 } from '@temporalio/workflow';
import type { WaveRef } from '../activities/contract';
import { activities } from './activity-groups';
import { campaignWorkflowId, commandedSignal } from './campaign/contract';

/** A provider fails and fails: somebody is called, and the campaign holds until they resume it. */
export async function askForPause({ campaignId, wave }: WaveRef): Promise<void> {
  const message = `Wave ${wave} was stopped: its provider failed too often in a row. Resume when it works again.`;
  await activities.short.openIncident({ campaignId, kind: `circuit-breaker.${wave}`, message });
  await getExternalWorkflowHandle(campaignWorkflowId(campaignId))
    .signal(commandedSignal, 'pause', {
      commandId: `circuit-breaker.${uuid4()}`,
      by: 'circuit-breaker',
      reason: message,
    })
    // A campaign that has just ended holds nothing.
    .catch(() => undefined);
}
