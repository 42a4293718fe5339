import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { Decision } from '../../../domain/approvals/decision';
import {
  campaignWorkflowId,
  CAMPAIGN_WORKFLOW,
  stateQuery,
  type CampaignResult,
  type CampaignState,
} from '../../../workflows/campaign/contract';
import { timeSkippingEnv, workflowBundle } from '../../support/temporal';
import { fakeActivities, type AllActivities, type Recorded } from './fake-activities';
import type { CampaignPlan } from '../../../activities/contract';

/** All four queues served by one worker per queue, as in production, with activities that only record. */
export async function withWorkers<T>(
  env: TestWorkflowEnvironment,
  activities: object,
  body: () => Promise<T>,
): Promise<T> {
  const bundle = await workflowBundle();
  const queues = ['campaigns', 'rendering', 'delivery', 'analytics'];
  const workers = await Promise.all(
    queues.map((taskQueue) =>
      Worker.create({ connection: env.nativeConnection, taskQueue, workflowBundle: bundle, activities }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  try {
    return await body();
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  }
}

export async function openEnv(): Promise<TestWorkflowEnvironment> {
  return timeSkippingEnv();
}

let next = 0;

export interface Campaign {
  readonly id: string;
  readonly recorded: Recorded;
  handle: ReturnType<TestWorkflowEnvironment['client']['workflow']['getHandle']>;
  state(): Promise<CampaignState>;
  /** Resolves once the state satisfies the test; fails after ten seconds. */
  until(is: (state: CampaignState) => boolean): Promise<CampaignState>;
  result(): Promise<CampaignResult>;
}

/** Starts one campaign on fake activities and hands it to the test, workers running. */
export async function withCampaign<T>(
  env: TestWorkflowEnvironment,
  over: { activities?: Partial<AllActivities>; plan?: Partial<CampaignPlan> },
  body: (campaign: Campaign) => Promise<T>,
): Promise<T> {
  const { activities, recorded } = fakeActivities(over.activities, over.plan);
  next += 1;
  const id = `ctest${process.pid}x${next}`;
  return withWorkers(env, activities, async () => {
    const handle = await env.client.workflow.start(CAMPAIGN_WORKFLOW, {
      workflowId: campaignWorkflowId(id),
      taskQueue: 'campaigns',
      args: [{ campaignId: id }],
    });
    const state = () => handle.query(stateQuery);
    const until = async (is: (s: CampaignState) => boolean): Promise<CampaignState> => {
      const giveUp = Date.now() + 10_000;
      for (;;) {
        const now = await state();
        if (is(now)) return now;
        if (Date.now() > giveUp) throw new Error(`still ${JSON.stringify(now)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    return body({ id, recorded, handle, state, until, result: () => handle.result() });
  });
}

export const waiting = (state: CampaignState): boolean => state.waitingForApproval !== null;

let decisions = 0;
export const decision = (over: Partial<Decision> = {}): Decision => {
  decisions += 1;
  return { decisionId: `d${decisions}`, decision: 'approve', by: 'bob', via: 'rest', subjectHash: 'hash-1', ...over };
};

