import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import type {
  CampaignSchedule,
  CampaignSchedulesStore,
  ScheduleSpec,
} from '../../store/campaign-schedules-store';
import type { Orchestrator } from '../orchestrator';
import { scheduleSchema, startAtSchema, startCronSchema } from '../schemas/campaign';
import { idParams, limitSchema } from '../schemas/common';
import type { App } from '../types';

export interface CampaignSchedulesDeps {
  readonly schedules: CampaignSchedulesStore;
  readonly orchestrator: Orchestrator;
}

/** Starts to come. They are made by POST /v1/campaigns. Temporal is told first: what it does is what holds. */
export function campaignSchedulesRoutes(app: App, { schedules, orchestrator }: CampaignSchedulesDeps): void {
  app.get(
    '/v1/campaigns/schedules',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary: 'Scheduled starts, newest first',
        querystring: z.strictObject({ state: scheduleSchema.shape.state.optional(), limit: limitSchema }),
        response: { 200: z.object({ items: z.array(scheduleSchema) }) },
      },
    },
    async ({ query: { state, limit } }) => {
      const found = await schedules.list({ ...(state === undefined ? {} : { state }), limit });
      return { items: await Promise.all(found.map((one) => withNext(orchestrator, one))) };
    },
  );

  app.get(
    '/v1/campaigns/schedules/:id',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary: 'One scheduled start',
        params: idParams,
        response: { 200: scheduleSchema },
      },
    },
    async ({ params }) => withNext(orchestrator, await schedules.get(params.id)),
  );

  app.patch(
    '/v1/campaigns/schedules/:id',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['campaigns'],
        summary: 'Moves a scheduled start',
        params: idParams,
        body: z.union([startAtSchema, startCronSchema]),
        response: { 200: scheduleSchema },
      },
    },
    async ({ params, body }) => {
      const spec = specOf(body);
      const schedule = active(await schedules.get(params.id));
      await orchestrator.moveSchedule({ ...schedule, ...spec });
      return withNext(orchestrator, await schedules.move(params.id, spec));
    },
  );

  app.delete(
    '/v1/campaigns/schedules/:id',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['campaigns'],
        summary: 'Cancels a scheduled start, for good',
        params: idParams,
        response: { 200: scheduleSchema },
      },
    },
    async ({ params }) => {
      const schedule = await schedules.get(params.id);
      await orchestrator.cancelSchedule(schedule.scheduleId);
      return withNext(orchestrator, await schedules.cancel(params.id));
    },
  );
}

/** When a start is to fire. Throws schedule-in-past; `base` is the pointer of the start in the body. */
export function specOf(
  start: z.output<typeof startAtSchema> | z.output<typeof startCronSchema>,
  base = '',
): ScheduleSpec {
  if ('cron' in start) return { kind: 'cron', spec: start.cron, timezone: start.timezone };
  const at = new Date(start.at);
  if (at.getTime() <= Date.now()) {
    throw new BoucleError('schedule-in-past', 'The start lies in the past.', [
      { path: `${base}/at`, message: 'lies in the past' },
    ]);
  }
  return { kind: 'at', spec: at.toISOString(), timezone: 'UTC' };
}

/** With its next start, which Temporal knows of a rhythm. */
export async function withNext(
  orchestrator: Pick<Orchestrator, 'nextFiring'>,
  schedule: CampaignSchedule,
): Promise<CampaignSchedule & { nextAt: Date | null }> {
  return { ...schedule, nextAt: await nextOf(orchestrator, schedule) };
}

async function nextOf(
  orchestrator: Pick<Orchestrator, 'nextFiring'>,
  { state, kind, spec, scheduleId }: CampaignSchedule,
): Promise<Date | null> {
  if (state !== 'active') return null;
  if (kind === 'at') return new Date(spec);
  try {
    return await orchestrator.nextFiring(scheduleId);
  } catch (error) {
    // What is stored is told all the same.
    if (error instanceof BoucleError && error.code === 'temporal-unavailable') return null;
    throw error;
  }
}

function active(schedule: CampaignSchedule): CampaignSchedule {
  if (schedule.state !== 'active') throw new BoucleError('conflict', `The schedule is ${schedule.state}.`);
  return schedule;
}
