import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { Decision } from '../../../domain/approvals/decision';
import {
  campaignWorkflowId,
  CAMPAIGN_WORKFLOW,
  decideUpdate,
  stateQuery,
  type CampaignResult,
  type CampaignState,
} from '../../../workflows/campaign/contract';
import { timeSkippingEnv, workflowBundle } from '../../support/temporal';
import { recordHistory } from '../../replay/support/record';
import { fakeActivities, type AllActivities, type Recorded } from './fake-activities';
import type { CampaignPlan } from '../../../activities/contract';

const QUEUES = ['campaigns', 'rendering', 'delivery', 'analytics', 'guardrails'];

/** Fakes by campaign: one set of workers serves every test of a file, each campaign with its own activities. */
const fakes = new Map<string, Record<string, (input: never) => Promise<unknown>>>();

export interface Harness {
  readonly env: TestWorkflowEnvironment;
  close(): Promise<void>;
}

/** A server, time-skipping unless told otherwise, and a worker on each queue, as in production. */
export async function openHarness(
  open: () => Promise<TestWorkflowEnvironment> = timeSkippingEnv,
): Promise<Harness> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
  const env = await open();
  const bundle = await workflowBundle();
  const names = Object.keys(fakeActivities(async () => 0).activities);
  const activities = Object.fromEntries(
    names.map((name) => [
      name,
      async (input: { campaignId: string }) => {
        const fake = fakes.get(input.campaignId)?.[name];
        if (fake === undefined) throw new Error(`no fake for ${name} of ${input.campaignId}`);
        return fake(input as never);
      },
    ]),
  );
  const workers = await Promise.all(
    QUEUES.map((taskQueue) =>
      Worker.create({ connection: env.nativeConnection, taskQueue, workflowBundle: bundle, activities }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  return {
    env,
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await env.teardown();
    },
  };
}

let next = 0;

export interface Campaign {
  readonly id: string;
  readonly recorded: Recorded;
  handle: ReturnType<TestWorkflowEnvironment['client']['workflow']['getHandle']>;
  state(): Promise<CampaignState>;
  /** Resolves once the state satisfies the test; fails after ten seconds, or the patience given. */
  until(is: (state: CampaignState) => boolean, patienceMs?: number): Promise<CampaignState>;
  result(): Promise<CampaignResult>;
}

/** Starts one campaign on fake activities and hands it to the test, workers running. */
export async function withCampaign<T>(
  { env }: Harness,
  over: { activities?: Partial<AllActivities>; plan?: Partial<CampaignPlan>; history?: string },
  body: (campaign: Campaign) => Promise<T>,
): Promise<T> {
  const { activities, recorded } = fakeActivities(() => env.currentTimeMs(), over.activities, over.plan);
  next += 1;
  const id = `ctest${process.pid}x${next}`;
  fakes.set(id, activities);
  const handle = await env.client.workflow.start(CAMPAIGN_WORKFLOW, {
    workflowId: campaignWorkflowId(id),
    taskQueue: 'campaigns',
    args: [{ campaignId: id }],
  });
  const state = () => handle.query(stateQuery);
  const until = async (is: (s: CampaignState) => boolean, patienceMs = 10_000): Promise<CampaignState> => {
    const giveUp = Date.now() + patienceMs;
    for (;;) {
      const now = await state();
      if (is(now)) return now;
      if (Date.now() > giveUp) throw new Error(`still ${JSON.stringify(now)}`);
      await new Promise((resolve) => setTimeout(resolve, patienceMs / 500));
    }
  };
  const answer = await body({ id, recorded, handle, state, until, result: () => handle.result() });
  if (over.history !== undefined) await recordHistory(env.client, over.history, handle.workflowId);
  return answer;
}

export const waiting = (state: CampaignState): boolean => state.waitingForApproval !== null;

let decisions = 0;
export const decision = (over: Partial<Decision> = {}): Decision => {
  decisions += 1;
  return {
    decisionId: `d${decisions}`,
    decision: 'approve',
    by: 'bob',
    via: 'rest',
    subjectHash: 'hash-1',
    ...over,
  };
};

export const approveAndFinish = async ({ until, handle, result }: Campaign): Promise<CampaignResult> => {
  await until(waiting);
  await handle.executeUpdate(decideUpdate, { args: [decision()] });
  return result();
};
