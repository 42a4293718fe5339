import { Client, Connection } from '@temporalio/client';

const CONNECT_TIMEOUT_MS = 3_000;

export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: string;
  readonly tls: boolean;
  readonly connectTimeoutMs?: number;
}

/**
 * A client that connects when it is first asked for, and again after a failure: a process starts and stays up while
 * Temporal is away. Once connected, the channel reconnects by itself.
 */
export function createLazyClient(target: TemporalTarget) {
  let connecting: Promise<Client> | null = null;

  const connect = async (): Promise<Client> => {
    const connection = await Connection.connect({
      address: target.address,
      connectTimeout: target.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      tls: target.tls || target.apiKey !== undefined,
      ...(target.apiKey === undefined ? {} : { apiKey: target.apiKey }),
    });
    return new Client({ connection, namespace: target.namespace });
  };

  return {
    client(): Promise<Client> {
      connecting ??= connect().catch((error: unknown) => {
        connecting = null;
        throw error;
      });
      return connecting;
    },

    async close(): Promise<void> {
      const client = await connecting?.catch(() => null);
      await client?.connection.close();
    },
  };
}
