import {
  isGrpcServiceError,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type ScheduleOptions,
} from '@temporalio/client';
import { msToTs, tsToDate } from '@temporalio/common/lib/time';
import { CALL_MS } from '../adapters/temporal/update-or-signal';
import type { CallTemporal } from '../adapters/temporal/call';
import { temporalSpec } from '../adapters/temporal/schedule-spec';
import { BoucleError } from '../domain/shared/errors';
import type { CampaignSchedule } from '../store/campaign-schedules-store';
import { CAMPAIGN_QUEUE } from '../workflows/campaign/contract';
import { SCHEDULED_CAMPAIGN_WORKFLOW } from '../workflows/scheduled-campaign/contract';
import type { Orchestrator } from './orchestrator';

/** gRPC's own number of it. */
const NOT_FOUND = 5;
/** Firings missed while Temporal was away: one start at an instant is still wanted hours later, a rhythm goes on. */
const CATCH_UP = { at: '7 days', cron: '10 minutes' } as const;

type Schedules = Pick<
  Orchestrator,
  'createSchedule' | 'moveSchedule' | 'cancelSchedule' | 'nextFiring' | 'firings'
>;

/** Starts to come, as Temporal Schedules. */
export function createTemporalSchedules(call: CallTemporal): Schedules {
  return {
    createSchedule: (schedule) =>
      call(CALL_MS, async (client) => {
        const { scheduleId } = schedule;
        const handle = await ofSpec(
          schedule,
          client.schedule.create({ scheduleId, ...scheduleOptions(schedule) }),
        );
        const { info } = await handle.describe();
        if (info.nextActionTimes.length > 0) return;
        await handle.delete();
        throw neverFires(schedule);
      }),

    moveSchedule: (schedule) =>
      call(CALL_MS, async (client) => {
        const handle = client.schedule.getHandle(schedule.scheduleId);
        const before = await handle.describe();
        const options = scheduleOptions(schedule);
        const { paused } = before.state;
        await ofSpec(
          schedule,
          handle.update(() => ({ ...options, state: { ...options.state, paused } })),
        );
        const { info } = await handle.describe();
        if (info.nextActionTimes.length > 0) return;
        await handle.update(() => before);
        throw neverFires(schedule);
      }),

    cancelSchedule: (scheduleId) =>
      call(CALL_MS, async (client) => {
        try {
          await client.schedule.getHandle(scheduleId).delete();
        } catch (error) {
          if (!(error instanceof ScheduleNotFoundError)) throw error;
        }
      }),

    nextFiring: (scheduleId) =>
      call(CALL_MS, async (client) => {
        try {
          const { info } = await client.schedule.getHandle(scheduleId).describe();
          return info.nextActionTimes[0] ?? null;
        } catch (error) {
          if (error instanceof ScheduleNotFoundError) return null;
          throw error;
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
  };
}

/** The client makes a TypeError of what the server says about a cron line it cannot read. */
async function ofSpec<T>(schedule: CampaignSchedule, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new BoucleError('invalid-request', 'Temporal cannot read when the campaign is to start.', [
      { path: `/${schedule.kind}`, message: 'cannot be read' },
    ]);
  }
}

/** The 31st of February: Temporal takes it, and nothing would ever come of it. */
const neverFires = ({ kind }: CampaignSchedule): BoucleError =>
  new BoucleError('invalid-request', 'The campaign would never start.', [
    { path: `/${kind}`, message: 'never comes' },
  ]);

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
