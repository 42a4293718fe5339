import { condition, getExternalWorkflowHandle, setCurrentDetails, uuid4 } from '@temporalio/workflow';
import type { IncidentsActivities, WaveRef } from '../activities/contract';
import { activities } from './activity-groups';
import { campaignWorkflowId, commandedSignal } from './campaign/contract';

/** The campaign holds until somebody resumes it, and they are called. Who asks is the incident's kind. */
export async function askForPause(
  incident: Parameters<IncidentsActivities['openIncident']>[0],
): Promise<void> {
  const { campaignId, kind, message } = incident;
  const [by = kind] = kind.split('.');
  await getExternalWorkflowHandle(campaignWorkflowId(campaignId))
    .signal(commandedSignal, 'pause', { commandId: `${by}.${uuid4()}`, by, reason: message })
    // A campaign that has just ended holds nothing.
    .catch(() => undefined);
  // After it: what is sent meanwhile is more than telling of it a moment later.
  await activities.short.openIncident(incident);
}

/** A provider fails and fails: the wave waits until the hold changes, or for a minute. */
export async function pauseForProvider(
  { campaignId, wave }: WaveRef,
  holdChanged: () => boolean,
): Promise<void> {
  setCurrentDetails('Stopped: the provider fails. The campaign is asked to pause.');
  await askForPause({
    campaignId,
    kind: `circuit-breaker.${wave}`,
    message: `Wave ${wave} was stopped: its provider failed too often in a row. Resume when it works again.`,
  });
  // Whether or not it was heard: the next attempt finds the hold, or the provider.
  await condition(holdChanged, '1 minute', { summary: 'the provider fails' });
}
