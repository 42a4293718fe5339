import type { WorkerOptions } from '@temporalio/worker';

/**
 * How much of each queue's work one process takes at once. Fixed numbers are easier to reason about on small machines
 * than a tuner; a bigger machine runs more processes.
 */
export const QUEUES: Readonly<Partial<Record<string, Partial<WorkerOptions>>>> = {
  campaigns: { maxConcurrentActivityTaskExecutions: 20, maxCachedWorkflows: 200 },
  rendering: { maxConcurrentActivityTaskExecutions: 4 },
  // Two shards per wave and room for a few waves; the connections to the relay are shared among them.
  delivery: { maxConcurrentActivityTaskExecutions: 6 },
  analytics: { maxConcurrentActivityTaskExecutions: 4 },
  // One a campaign that sends, for as long as it does: looks at the ledger, and rests.
  guardrails: { maxConcurrentActivityTaskExecutions: 200 },
};

/** Queues workflows run on: campaigns and their children, and the one-off runs of imports and dry runs. */
export const WORKFLOW_QUEUES: ReadonlySet<string> = new Set(['campaigns', 'analytics']);

/**
 * Served like a queue, but PostgreSQL carries it: a service message has a second to reach its provider, which is less
 * than a workflow may wait behind a campaign's tasks on one machine.
 */
export const SERVICE_LANE = 'service';

/** Likewise: judging people is one short transaction after another, and there may be millions of them. */
export const SEGMENT_LANE = 'segments';

export const LANES: ReadonlySet<string> = new Set([SERVICE_LANE, SEGMENT_LANE]);
