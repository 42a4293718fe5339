import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { namesOf } from '../activities/failure';
import { readEnv } from '../config/env';
import { defaultPolicies } from '../config/policies/delivery';
import { createApprovalsStore } from '../store/approvals-store';
import { createCampaignsStore } from '../store/campaigns-store';
import { createPoliciesStore } from '../store/policies-store';
import { createSlackInboxStore } from '../store/slack-inbox-store';
import { createActivities } from './activities';
import { createDeliverDecision } from './deliver-decision';
import { createDependencies } from './dependencies';
import { every } from './every';
import { QUEUES, WORKFLOW_QUEUES } from './queues';
import { reconcileCampaigns } from './reconcile';
import { runSlackOutbox } from './slack-outbox';
import { prebuiltWorkflows } from './workflow-bundle';

/** How often open campaigns are compared with Temporal's runs. */
const RECONCILE_EVERY_MS = 15_000;

/** What the runtime says about a task, its errors by name and code: their messages and fields may hold row values. */
const withoutValues = (meta: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(meta).map(([key, value]) => [
      key,
      key === 'error' || value instanceof Error ? namesOf(value) : value,
    ]),
  );

/** The Temporal runtime handles SIGINT and SIGTERM: it drains the workers, then `run()` returns and the rest closes. */
async function main(): Promise<void> {
  const env = readEnv();
  const log = pino({ level: env.LOG_LEVEL, base: { process: 'worker' } });
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      log[level === 'ERROR' ? 'error' : 'warn'](withoutValues(meta ?? {}), message);
    }),
    telemetryOptions: { logging: { forward: {}, filter: 'WARN' } },
  });

  const target = {
    address: env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233',
    tls: env.TEMPORAL_TLS || env.TEMPORAL_API_KEY !== undefined,
    ...(env.TEMPORAL_API_KEY ? { apiKey: env.TEMPORAL_API_KEY } : {}),
  };
  const connection = await NativeConnection.connect(target);
  const client = new Client({ connection, namespace: env.TEMPORAL_NAMESPACE });
  const deps = createDependencies(env, client, log);
  const campaigns = createCampaignsStore(deps.db.app);
  await createPoliciesStore(deps.db.app).seedEmptyKinds(defaultPolicies());

  const workflowBundle = prebuiltWorkflows();
  const activities = createActivities(deps);
  const served = env.WORKER_QUEUES.split(',').map((queue) => queue.trim());
  const workers = await Promise.all(
    served.map((taskQueue) =>
      Worker.create({
        connection,
        namespace: env.TEMPORAL_NAMESPACE,
        taskQueue,
        activities,
        ...(WORKFLOW_QUEUES.has(taskQueue) ? { workflowBundle } : {}),
        ...QUEUES[taskQueue],
        shutdownGraceTime: '5 seconds',
        shutdownForceTime: '15 seconds',
      }),
    ),
  );

  const stopping = new AbortController();
  const beside = served.includes('campaigns')
    ? [
        every(RECONCILE_EVERY_MS, stopping.signal, log, async () => {
          await reconcileCampaigns({
            client,
            campaigns,
            log,
            startRun: async (id) => void (await deps.starter.startAgain(id)),
            closeAborted: (campaignId) => activities.closeAborted({ campaignId }),
          });
        }),
        runSlackOutbox({
          inbox: createSlackInboxStore(deps.db.app),
          approvals: createApprovalsStore(deps.db.app),
          deliver: createDeliverDecision(client),
          messenger: deps.messenger,
          log,
          signal: stopping.signal,
        }),
      ]
    : [];

  log.info({ queues: served }, 'worker is up');
  try {
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    stopping.abort();
    await Promise.all(beside);
    await deps.close();
    await connection.close();
    log.info('worker is down');
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
