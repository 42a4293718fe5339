import { proxyActivities } from '@temporalio/workflow';
import { RENDERING_QUEUE } from './creatives/contract';
import { GUARDRAILS_QUEUE } from './guardrails/contract';
import { DELIVERY_QUEUE } from './wave/contract';
import type {
  ApprovalsActivities,
  CampaignsActivities,
  CreativesActivities,
  DeliveryActivities,
  ExperimentsActivities,
  GuardrailsActivities,
  ImprovementActivities,
  IncidentsActivities,
  ProfilesActivities,
} from '../activities/contract';

/**
 * Timeout and retry groups, each named for the kind of work it holds. Permanent faults come as non-retryable
 * ApplicationFailures, so the retries here are for what passes by itself: a database restart, a Slack outage.
 */

/** A row or two in PostgreSQL, or one call to Slack. An outage of an hour is waited for; a day is a fault. */
const short = proxyActivities<
  CampaignsActivities &
    Omit<ApprovalsActivities, 'announceApproval'> &
    IncidentsActivities &
    ImprovementActivities &
    ExperimentsActivities
>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/** Statements over the whole audience, on their own queue so that they never wait behind a send. */
const analytics = proxyActivities<CampaignsActivities & ExperimentsActivities>({
  taskQueue: 'analytics',
  startToCloseTimeout: '30 minutes',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
});

/** One creative, or the pictures of an approval: seconds of CPU, and the same however often. */
const rendering = proxyActivities<CreativesActivities & Pick<ApprovalsActivities, 'announceApproval'>>({
  taskQueue: RENDERING_QUEUE,
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '6 hours',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/** Planning and counting a wave: reads and one insert. */
const ledger = proxyActivities<DeliveryActivities>({
  taskQueue: DELIVERY_QUEUE,
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/**
 * A shard runs as long as its messages take. The heartbeat tells within seconds that a worker died; the retry
 * starts at once and waits for the dead attempt's lock. No total limit: the wave's own deadline skips who is left.
 */
const shard = proxyActivities<DeliveryActivities>({
  taskQueue: DELIVERY_QUEUE,
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 1.5, maximumInterval: '10 seconds' },
});

/** A file of any size, heartbeating; the same rows twice change nothing. */
const imports = proxyActivities<ProfilesActivities>({
  taskQueue: 'analytics',
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/** Hours of looking, on a queue of its own: it holds a place all the while. The heartbeat tells within seconds that a worker died. */
const guardrails = proxyActivities<GuardrailsActivities>({
  taskQueue: GUARDRAILS_QUEUE,
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 1.5, maximumInterval: '10 seconds' },
});

/** A dry run has somebody waiting for it: two attempts, then the fault is told. */
const dryRuns = proxyActivities<CampaignsActivities>({
  taskQueue: 'analytics',
  startToCloseTimeout: '5 minutes',
  retry: { maximumAttempts: 2 },
});

export const activities = { short, analytics, rendering, ledger, shard, imports, guardrails, dryRuns };
