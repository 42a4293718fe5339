import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { namesOf } from '../activities/failure';
import { readEnv } from '../config/env';
import { defaultPolicies } from '../config/policies/delivery';
import { createPoliciesStore } from '../store/policies-store';
import { createActivities } from './activities';
import { runCampaignLoops, runSegments, runServiceLane } from './beside';
import { createDependencies } from './dependencies';
import { LANES, QUEUES, SEGMENT_LANE, SERVICE_LANE, WORKFLOW_QUEUES } from './queues';
import { prebuiltWorkflows } from './workflow-bundle';

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
  await createPoliciesStore(deps.db.app).seedEmptyKinds(defaultPolicies());

  const workflowBundle = prebuiltWorkflows();
  const activities = createActivities(deps);
  const served = env.WORKER_QUEUES.split(',').map((queue) => queue.trim());
  const workers = await Promise.all(
    served
      .filter((queue) => !LANES.has(queue))
      .map((taskQueue) =>
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
  const beside = [
    ...(served.includes('campaigns') ? runCampaignLoops(deps, activities, stopping.signal) : []),
    ...(served.includes(SERVICE_LANE) ? [runServiceLane(deps, activities, stopping.signal)] : []),
    ...(served.includes(SEGMENT_LANE) ? [runSegments(deps, stopping.signal)] : []),
  ];

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
  // What is open already would keep it alive, and whoever starts it again would never hear of it.
  process.exit(1);
});
