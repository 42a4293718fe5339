import type { Client } from '@temporalio/client';
import { faultOfTemporal } from './faults';

/** Asks Temporal for something, for so long at the most. Throws BoucleError. */
export type CallTemporal = <T>(ms: number, work: (client: Client) => Promise<T>) => Promise<T>;

export const createCallTemporal =
  (connect: () => Promise<Client>): CallTemporal =>
  async (ms, work) => {
    let client: Client | undefined;
    try {
      const connected = (client = await connect());
      return await connected.withDeadline(Date.now() + ms, () => work(connected));
    } catch (error) {
      throw faultOfTemporal(error, client !== undefined && (await answers(client)));
    }
  };

/** Whether the server itself answers, so that a late answer is the worker's fault and not Temporal's. */
async function answers(client: Client): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + 1_000, () => client.connection.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}
