import { randomBytes } from 'node:crypto';
import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';

/** When campaigns of a scenario start: at an instant (ISO 8601, UTC), or by a cron line in a time zone. */
export interface ScheduleSpec {
  readonly kind: 'at' | 'cron';
  readonly spec: string;
  readonly timezone: string;
}

export interface CampaignSchedule extends ScheduleSpec {
  readonly id: string;
  readonly scenario: string;
  /** Id of the Temporal Schedule. */
  readonly scheduleId: string;
  readonly state: 'active' | 'cancelled' | 'done';
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function createCampaignSchedulesStore(sql: Sql) {
  const columns = sql`
    id, scenario_key as scenario, schedule_id as "scheduleId", kind, spec, timezone, state,
    created_by as "createdBy", created_at as "createdAt", updated_at as "updatedAt"`;

  const get = async (id: string): Promise<CampaignSchedule> => {
    const [row] = await sql<CampaignSchedule[]>`select ${columns} from campaign_schedules where id = ${id}`;
    if (row === undefined) throw new BoucleError('not-found', 'No such schedule.');
    return row;
  };

  return {
    get,

    async list(filter: { state?: CampaignSchedule['state']; limit: number }): Promise<CampaignSchedule[]> {
      return sql<CampaignSchedule[]>`
        select ${columns} from campaign_schedules
        ${filter.state === undefined ? sql`` : sql`where state = ${filter.state}`}
        order by created_at desc, id limit ${filter.limit}`;
    },

    async create(input: ScheduleSpec & { scenario: string; by: string }): Promise<CampaignSchedule> {
      const id = `s${randomBytes(8).toString('hex')}`;
      const [row] = await sql<CampaignSchedule[]>`
        insert into campaign_schedules (id, scenario_key, schedule_id, kind, spec, timezone, created_by)
        values (${id}, ${input.scenario}, ${`campaign-schedule.${id}`}, ${input.kind}, ${input.spec}, ${input.timezone}, ${input.by})
        returning ${columns}`;
      if (row === undefined) throw new BoucleError('internal', 'The schedule was not stored.');
      return row;
    },

    /** Takes back a schedule that Temporal never took on. */
    async remove(id: string): Promise<void> {
      await sql`delete from campaign_schedules where id = ${id}`;
    },

    /** Throws conflict where it is cancelled or has fired for good. */
    async move(id: string, to: ScheduleSpec): Promise<CampaignSchedule> {
      const [row] = await sql<CampaignSchedule[]>`
        update campaign_schedules set kind = ${to.kind}, spec = ${to.spec}, timezone = ${to.timezone}, updated_at = now()
        where id = ${id} and state = 'active' returning ${columns}`;
      if (row !== undefined) return row;
      const { state } = await get(id);
      throw new BoucleError('conflict', `The schedule is ${state}.`);
    },

    /** Final; a second time changes nothing. Throws conflict where it has fired for good. */
    async cancel(id: string): Promise<CampaignSchedule> {
      const [row] = await sql<CampaignSchedule[]>`
        update campaign_schedules set state = 'cancelled', updated_at = now()
        where id = ${id} and state <> 'done' returning ${columns}`;
      if (row !== undefined) return row;
      await get(id);
      throw new BoucleError('conflict', 'The schedule has fired already.');
    },

    /** A start at an instant has fired: there is nothing more to come. */
    async markDone(id: string): Promise<void> {
      await sql`update campaign_schedules set state = 'done', updated_at = now() where id = ${id} and kind = 'at' and state = 'active'`;
    },
  };
}

export type CampaignSchedulesStore = ReturnType<typeof createCampaignSchedulesStore>;
