import { getExternalWorkflowHandle, uuid4 } from '@temporalio/workflow';
import type { IncidentsActivities, WaveRef } from '../activities/contract';
import { activities } from './activity-groups';
import { campaignWorkflowId, commandedSignal } from './campaign/contract';

/** Somebody is called, and the campaign holds until they resume it. Who asks is the incident's kind. */
export async function askForPause(
  incident: Parameters<IncidentsActivities['openIncident']>[0],
): Promise<void> {
  const { campaignId, kind, message } = incident;
  await activities.short.openIncident(incident);
  const [by = kind] = kind.split('.');
  await getExternalWorkflowHandle(campaignWorkflowId(campaignId))
    .signal(commandedSignal, 'pause', { commandId: `${by}.${uuid4()}`, by, reason: message })
    // A campaign that has just ended holds nothing.
    .catch(() => undefined);
}

/** A provider fails and fails. */
export const pauseForProvider = ({ campaignId, wave }: WaveRef): Promise<void> =>
  askForPause({
    campaignId,
    kind: `circuit-breaker.${wave}`,
    message: `Wave ${wave} was stopped: its provider failed too often in a row. Resume when it works again.`,
  });
