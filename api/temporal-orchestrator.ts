import {
  isGrpcServiceError,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import { msToTs, tsToDate } from '@temporalio/common/lib/time';
import { temporalSpec } from '../adapters/temporal/schedule-spec';
import { createStartRun } from '../adapters/temporal/start-campaign';
import { BoucleError } from '../domain/shared/errors';
import type { CampaignSchedule } from '../store/campaign-schedules-store';
import {
  abortUpdate,
  CAMPAIGN_QUEUE,
  CAMPAIGN_WORKFLOW,
  commandedSignal,
  decideUpdate,
  pauseUpdate,
  resumeUpdate,
  revisedUpdate,
} from '../workflows/campaign/contract';
import {
  DRY_RUN_QUEUE,
  DRY_RUN_WORKFLOW,
  dryRunWorkflowId,
  type DryRunInput,
} from '../workflows/dry-run/contract';
import { IMPORT_QUEUE, IMPORT_WORKFLOW, importWorkflowId } from '../workflows/import/contract';
import { SCHEDULED_CAMPAIGN_WORKFLOW } from '../workflows/scheduled-campaign/contract';
import type { DryRunReport } from '../domain/campaigns/dry-run';
import type { Orchestrator } from './orchestrator';
import { faultOfTemporal } from './temporal-faults';

/** gRPC's own number of it. */
const NOT_FOUND = 5;
/** A call to the server, which keeps it or refuses it. */
const CALL_MS = 8_000;
/** An update, which a worker answers. */
const UPDATE_MS = 10_000;
/** Firings missed while Temporal was away: one start at an instant is still wanted hours later, a rhythm goes on. */
const CATCH_UP = { at: '7 days', cron: '10 minutes' } as const;

const UPDATES = {
  pause: pauseUpdate,
  resume: resumeUpdate,
  abort: abortUpdate,
  revised: revisedUpdate,
} as const;

export function createTemporalOrchestrator(
  connect: () => Promise<Client>,
  updateMs = UPDATE_MS,
): Orchestrator {
  const call = async <T>(ms: number, work: (client: Client) => Promise<T>): Promise<T> => {
    let client: Client | undefined;
    try {
      const connected = (client = await connect());
      return await connected.withDeadline(Date.now() + ms, () => work(connected));
    } catch (error) {
      throw faultOfTemporal(error, client !== undefined && (await answers(client)));
    }
  };

  const startRun = createStartRun({
    client: connect,
    workflowType: CAMPAIGN_WORKFLOW,
    taskQueue: CAMPAIGN_QUEUE,
  });

  return {
    startRun: (campaign) => call(CALL_MS, () => startRun(campaign)),

    startImport: (importId) =>
      call(CALL_MS, async (client) => {
        await client.workflow.start(IMPORT_WORKFLOW, {
          workflowId: importWorkflowId(importId),
          taskQueue: IMPORT_QUEUE,
          args: [{ importId }],
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
          staticSummary: `import ${importId}`,
        });
      }),

    dryRun: (input, waitMs) =>
      call(waitMs, async (client) => {
        const handle = await client.workflow.start<(input: DryRunInput) => Promise<DryRunReport>>(
          DRY_RUN_WORKFLOW,
          {
            workflowId: dryRunWorkflowId(input.dryRunId),
            taskQueue: DRY_RUN_QUEUE,
            args: [input],
            // Nobody waits for it any longer: it need not go on.
            workflowExecutionTimeout: waitMs,
            staticSummary: `dry run of ${input.scenarioKey} v${input.scenarioVersion}`,
          },
        );
        return handle.result();
      }),

    decide: (workflowId, decision) =>
      call(updateMs, (client) =>
        client.workflow
          .getHandle(workflowId)
          .executeUpdate(decideUpdate, { args: [decision], updateId: decision.decisionId }),
      ),

    async command(workflowId, kind, command) {
      try {
        return await call(updateMs, (client) =>
          client.workflow
            .getHandle(workflowId)
            .executeUpdate(UPDATES[kind], { args: [command], updateId: command.commandId }),
        );
      } catch (error) {
        if (!(error instanceof BoucleError) || error.code !== 'worker-unavailable') throw error;
        // No worker answered: an update is lost then, a signal is kept. Both count once, by the command's id.
        await call(CALL_MS, (client) =>
          client.workflow.getHandle(workflowId).signal(commandedSignal, kind, command),
        );
        return 'kept';
      }
    },

    createSchedule: (schedule) =>
      call(CALL_MS, async (client) => {
        await ofSpec(
          client.schedule.create({ scheduleId: schedule.scheduleId, ...scheduleOptions(schedule) }),
        );
      }),

    moveSchedule: (schedule) =>
      call(CALL_MS, (client) =>
        ofSpec(
          client.schedule.getHandle(schedule.scheduleId).update((previous) => ({
            ...scheduleOptions(schedule),
            state: { ...scheduleOptions(schedule).state, paused: previous.state.paused },
          })),
        ),
      ),

    cancelSchedule: (scheduleId) =>
      call(CALL_MS, async (client) => {
        try {
          await client.schedule.getHandle(scheduleId).delete();
        } catch (error) {
          if (!(error instanceof ScheduleNotFoundError)) throw error;
        }
      }),

    firings: (scheduleId, since, until) =>
      call(CALL_MS, async (client) => {
        try {
          const { startTime } = await client.workflowService.listScheduleMatchingTimes({
            namespace: client.options.namespace,
            scheduleId,
            startTime: msToTs(since.getTime()),
            endTime: msToTs(until.getTime()),
          });
          return startTime.map((time) => tsToDate(time));
        } catch (error) {
          if (isGrpcServiceError(error) && Number(error.code) === NOT_FOUND) return [];
          throw error;
        }
      }),

    ping: () =>
      call(CALL_MS, async (client) => {
        await client.connection.workflowService.getSystemInfo({});
      }),
  };
}

/** The client makes a TypeError of what the server says about a cron line it cannot read. */
async function ofSpec<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new BoucleError('invalid-request', 'Temporal cannot read when the campaign is to start.');
  }
}

function scheduleOptions(
  schedule: CampaignSchedule,
): Omit<ScheduleOptions, 'scheduleId'> & { state: { remainingActions?: number } } {
  return {
    spec: temporalSpec(schedule),
    action: {
      type: 'startWorkflow',
      workflowType: SCHEDULED_CAMPAIGN_WORKFLOW,
      // Temporal adds the scheduled time: each firing has an id of its own.
      workflowId: `scheduled-campaign.${schedule.id}`,
      taskQueue: CAMPAIGN_QUEUE,
      args: [{ scheduleRowId: schedule.id }],
    },
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: CATCH_UP[schedule.kind] },
    state: schedule.kind === 'at' ? { remainingActions: 1 } : {},
  };
}

/** Whether the server itself answers, so that a late answer is the worker's fault and not Temporal's. */
async function answers(client: Client): Promise<boolean> {
  try {
    await client.withDeadline(Date.now() + 1_000, () => client.connection.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  }
}
