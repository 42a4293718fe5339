import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { SEARCH_ATTRIBUTES } from '../domain/campaigns/search-attributes';

export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: string | undefined;
  readonly tls?: boolean;
}

/** IndexedValueType of Temporal's API; a proto enum has no name here without the generated module. */
const KEYWORD = 2;
const REGISTER_TIMEOUT_MS = 15_000;
const RETENTION_DAYS = 30;

async function registered(connection: Connection, namespace: string): Promise<Set<string>> {
  const answer = await connection.operatorService.listSearchAttributes({ namespace });
  return new Set(Object.keys(answer.customAttributes ?? {}));
}

/** Registers the search attributes that are missing and waits until they can be used. Answers their names. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<string[]> {
  const missing = (known: Set<string>): string[] => SEARCH_ATTRIBUTES.filter((name) => !known.has(name));
  const wanted = missing(await registered(connection, namespace));
  if (wanted.length === 0) return [];
  await connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(wanted.map((name) => [name, KEYWORD])),
  });
  const until = Date.now() + REGISTER_TIMEOUT_MS;
  for (;;) {
    const left = missing(await registered(connection, namespace));
    if (left.length === 0) return wanted;
    if (Date.now() > until)
      throw new Error(`temporal-search-attributes-missing: ${left.join(', ')} in namespace ${namespace}`);
    await sleep(100);
  }
}

/** A development server forgets closed runs after a day; a campaign's story is wanted for longer. */
async function keepForDays(connection: Connection, namespace: string, days: number): Promise<void> {
  const seconds = days * 86_400;
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  if (Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) === seconds) return;
  await connection.workflowService.updateNamespace({
    namespace,
    config: { workflowExecutionRetentionTtl: msToTs(seconds * 1_000) },
  });
}

/**
 * Makes a namespace ready for Boucle: search attributes, and for a server of our own the retention too.
 * Throws `temporal-not-reachable` when nobody answers.
 */
export async function prepareNamespace(target: TemporalTarget, own: boolean): Promise<void> {
  let connection: Connection;
  try {
    connection = await Connection.connect({
      address: target.address,
      connectTimeout: '5s',
      ...(target.apiKey === undefined ? {} : { apiKey: target.apiKey }),
      ...(target.tls === true ? { tls: true } : {}),
    });
  } catch (fault) {
    throw new Error(
      `temporal-not-reachable at ${target.address}: ${fault instanceof Error ? fault.message : String(fault)}`,
    );
  }
  try {
    await registerSearchAttributes(connection, target.namespace);
    if (own) await keepForDays(connection, target.namespace, RETENTION_DAYS);
  } finally {
    await connection.close();
  }
}
