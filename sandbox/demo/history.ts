import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { campaignWorkflowId } from '../../workflows/campaign/contract';
import { creativesWorkflowId } from '../../workflows/creatives/contract';
import { waveWorkflowId } from '../../workflows/wave/contract';

export interface HistorySize {
  readonly events: number;
  readonly bytes: number;
}

const MAX_ROUNDS = 20;

/** Events and bytes that a campaign and its children hold in Temporal; of each workflow the latest run. */
export async function historyOf(
  target: { readonly address: string; readonly namespace: string },
  campaignId: string,
  waves: readonly { readonly step: string; readonly wave: string }[],
): Promise<HistorySize> {
  const connection = await Connection.connect({ address: target.address });
  try {
    const client = new Client({ connection, namespace: target.namespace });
    const sizeOf = async (workflowId: string): Promise<HistorySize | null> => {
      try {
        const { historyLength, historySize } = await client.workflow.getHandle(workflowId).describe();
        return { events: historyLength, bytes: historySize ?? 0 };
      } catch (fault) {
        // Lost with a Temporal store, or never begun.
        if (fault instanceof WorkflowNotFoundError) return null;
        throw fault;
      }
    };
    const sizes = [await sizeOf(campaignWorkflowId(campaignId))];
    for (const { step, wave } of waves) sizes.push(await sizeOf(waveWorkflowId(campaignId, step, wave)));
    for (let round = 0; round <= MAX_ROUNDS; round += 1) {
      const size = await sizeOf(creativesWorkflowId(campaignId, round));
      if (size === null && round > 0) break;
      sizes.push(size);
    }
    return sizes.reduce<HistorySize>(
      (sum, size) => ({ events: sum.events + (size?.events ?? 0), bytes: sum.bytes + (size?.bytes ?? 0) }),
      { events: 0, bytes: 0 },
    );
  } finally {
    await connection.close();
  }
}
