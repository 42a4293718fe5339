import type { SignalDefinition, UpdateDefinition } from '@temporalio/common';
import { BoucleError } from '../../domain/shared/errors';
import type { CallTemporal } from './call';

/** A call to the server, which keeps it or refuses it. */
export const CALL_MS = 8_000;
/** An update, which a worker answers. */
export const UPDATE_MS = 10_000;

/** One thing a workflow is told, by its two doors. It must count once, whichever it comes through, and by both. */
export interface Told<Answer, Said, Kept extends unknown[]> {
  readonly workflowId: string;
  readonly update: UpdateDefinition<Answer, [Said]>;
  readonly updateId: string;
  readonly said: Said;
  readonly signal: SignalDefinition<Kept>;
  readonly kept: Kept;
}

/**
 * First as an update, for the answer. Where no worker takes it within `updateMs` it is lost, so it is sent as a signal,
 * which Temporal keeps: `kept`. Throws BoucleError, `campaign-ended` where there is no open run.
 */
export async function updateOrSignal<Answer, Said, Kept extends unknown[]>(
  call: CallTemporal,
  told: Told<Answer, Said, Kept>,
  updateMs: number = UPDATE_MS,
): Promise<Answer | 'kept'> {
  const { workflowId, update, updateId, said, signal, kept } = told;
  try {
    return await call(updateMs, (client) =>
      client.workflow.getHandle(workflowId).executeUpdate(update, { args: [said], updateId }),
    );
  } catch (error) {
    if (!(error instanceof BoucleError) || error.code !== 'worker-unavailable') throw error;
    await call(CALL_MS, (client) => client.workflow.getHandle(workflowId).signal(signal, ...kept));
    return 'kept';
  }
}
