import { mkdirSync, writeFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { fromRoot } from '../../../config/paths';

export const HISTORIES = fromRoot('test', 'replay', 'histories');

export interface RecordedHistory {
  /** The real id: children's ids are built from it. */
  readonly workflowId: string;
  readonly history: unknown;
}

/** Writes a run and its children under a name, when `npm run record-histories` asks for it. */
export async function recordHistory(client: Client, name: string, workflowId: string): Promise<void> {
  if (process.env['RECORD_HISTORIES'] === undefined) return;
  mkdirSync(HISTORIES, { recursive: true });
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const children = (history.events ?? [])
    .map((event) => event.childWorkflowExecutionStartedEventAttributes?.workflowExecution?.workflowId)
    .filter((id): id is string => typeof id === 'string');
  const recorded: RecordedHistory = {
    workflowId,
    history: withoutTraces(JSON.parse(historyToJSON(history))),
  };
  writeFileSync(`${HISTORIES}/${name}.json`, JSON.stringify(recorded));
  for (const [index, child] of children.entries())
    await recordHistory(client, `${name}.child-${index + 1}`, child);
}

/** Stack traces and worker identities name the machine they came from, and replay reads neither. */
function withoutTraces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTraces);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'stackTrace' && key !== 'identity')
      .map(([key, member]) => [key, withoutTraces(member)]),
  );
}
