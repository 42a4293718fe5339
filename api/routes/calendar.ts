import { z } from 'zod';
import { capRuleSchema } from '../../domain/frequency/cap';
import { BoucleError } from '../../domain/shared/errors';
import type { CampaignSchedule, CampaignSchedulesStore } from '../../store/campaign-schedules-store';
import type { CalendarStore } from '../../store/calendar-store';
import type { Orchestrator } from '../orchestrator';
import { keySchema } from '../schemas/common';
import type { App } from '../types';

const DAY_MS = 86_400_000;
/** Days a calendar spans at most, and looks ahead where it is not told. */
const MOST_DAYS = 184;
const AHEAD_DAYS = 28;
const MOST_SCHEDULES = 1_000;

const day = z.iso.date().refine((given) => given >= '1900' && given < '2200', 'between 1900 and 2199');

const querySchema = z.strictObject({
  from: day.optional().describe('Local day; left out: two weeks ago.'),
  to: day.optional().describe(`Local day, in it; left out: ${AHEAD_DAYS} days from now.`),
  market: z.string().min(2).max(20).default('FR'),
  department: keySchema.optional().describe('Of the days and of who was held back; pressure is everybody’s.'),
  segment: keySchema
    .optional()
    .describe('Days of these people alone, and their pressure beside everybody’s.'),
});

const pressureSchema = z
  .object({
    people: z.int(),
    histogram: z.object({
      none: z.int(),
      one: z.int(),
      two: z.int(),
      three: z.int(),
      atLeast4: z.int(),
    }),
    mean: z.number(),
    p95: z.int(),
    max: z.int(),
  })
  .meta({ id: 'Pressure', description: 'People by their contacts in one rolling window.' });

const beforeAndAfter = z.object({
  before: pressureSchema.describe('In the window that ends now.'),
  after: pressureSchema.describe(
    'The most in any such window until the calendar ends, with what is planned.',
  ),
});

const calendarSchema = z.object({
  from: z.string(),
  to: z.string(),
  market: z.string(),
  timezone: z.string(),
  days: z.array(
    z.object({
      day: z.string(),
      campaignId: z.string().nullable(),
      campaign: z.string().nullable(),
      source: z.string().describe('`boucle`, or the tool that sent it.'),
      department: z.string(),
      channel: z.string(),
      nature: z.string(),
      sent: z.int(),
      planned: z.int().describe('Of open campaigns; of a later step the most there can be.'),
    }),
  ),
  scheduled: z
    .array(
      z.object({
        scheduleId: z.string(),
        scenario: z.string(),
        name: z.string(),
        department: z.string(),
        at: z.date(),
        people: z.int().describe('Of the last dry run, else of the segment.'),
      }),
    )
    .describe('Campaigns that will start; they are in no other figure.'),
  heldBack: z.array(
    z.object({
      campaignId: z.string(),
      campaign: z.string(),
      department: z.string(),
      step: z.string(),
      reason: z.string(),
      rival: z.string().nullable().describe('The campaign that went first.'),
      deferred: z.int(),
      lost: z.int(),
    }),
  ),
  pressure: z.object({
    cap: z.string().nullable().describe('The strictest, whose window this is.'),
    windowDays: z.number(),
    overall: beforeAndAfter,
    segment: beforeAndAfter.nullable(),
  }),
});

const message = {
  nature: z.string(),
  channel: z.string(),
  department: z.string(),
  format: z.string().nullable(),
};
const profilePressureSchema = z.object({
  profileId: z.int(),
  timezone: z.string(),
  contacts: z.array(
    z.object({ at: z.date(), ...message, source: z.string(), campaignId: z.string().nullable() }),
  ),
  planned: z.array(z.object({ expectedAt: z.date(), campaignId: z.string(), step: z.string(), ...message })),
  caps: z.array(z.object({ key: z.string(), rule: capRuleSchema, used: z.int(), planned: z.int() })),
});

export interface CalendarDeps {
  readonly calendar: CalendarStore;
  readonly schedules: Pick<CampaignSchedulesStore, 'list'>;
  readonly orchestrator: Pick<Orchestrator, 'firings'>;
}

export function calendarRoutes(app: App, { calendar, schedules, orchestrator }: CalendarDeps): void {
  app.get(
    '/v1/calendar',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['pressure'],
        summary: 'What was sent and is planned by day, and how it weighs on people, before and after',
        querystring: querySchema,
        response: { 200: calendarSchema },
      },
    },
    async ({ query: { market, department = null, segment = null, ...range } }) => {
      const now = Date.now();
      const from = range.from ?? dayOf(now - 14 * DAY_MS);
      const to = range.to ?? dayOf(Math.max(now, Date.parse(from)) + AHEAD_DAYS * DAY_MS);
      const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
      if (days < 0 || days > MOST_DAYS)
        throw new BoucleError('invalid-request', 'The days do not make a calendar.', [
          { path: '/query/to', message: `lies before \`from\`, or more than ${MOST_DAYS} days after it` },
        ]);
      const found = await calendar.calendar({ from, to, market, department, segment });
      const scheduled = await firings(new Date(Date.parse(from)), new Date(Date.parse(to) + DAY_MS));
      return {
        ...found,
        market,
        days: [...found.days],
        heldBack: [...found.heldBack],
        scheduled: scheduled.filter((start) => department === null || start.department === department),
      };
    },
  );

  app.get(
    '/v1/profiles/:id/pressure',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['pressure'],
        summary: 'What one person got lately and is still to get, against every cap',
        params: z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) }),
        response: { 200: profilePressureSchema },
      },
    },
    async ({ params }) => {
      const found = await calendar.ofProfile(params.id);
      return {
        ...found,
        contacts: [...found.contacts],
        planned: [...found.planned],
        caps: [...found.caps],
      };
    },
  );

  /** Starts that are still to come within a stretch, soonest first. */
  async function firings(from: Date, until: Date) {
    const since = new Date(Math.max(from.getTime(), Date.now()));
    if (since >= until) return [];
    const active = await schedules.list({ state: 'active', limit: MOST_SCHEDULES });
    const starts = await Promise.all(
      active.map(async (schedule) => {
        const times = await timesOf(schedule, since, until);
        const expected = times.length === 0 ? null : await calendar.expectedPeople(schedule.scenario);
        if (expected === null) return [];
        return times.map((at) => ({
          scheduleId: schedule.id,
          scenario: schedule.scenario,
          ...expected,
          at,
        }));
      }),
    );
    return starts.flat().toSorted((a, b) => a.at.getTime() - b.at.getTime());
  }

  /** Only Temporal knows when a cron line fires; an instant says so itself. */
  async function timesOf(schedule: CampaignSchedule, since: Date, until: Date): Promise<readonly Date[]> {
    if (schedule.kind === 'cron') return orchestrator.firings(schedule.scheduleId, since, until);
    const at = new Date(schedule.spec);
    return at >= since && at < until ? [at] : [];
  }
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
