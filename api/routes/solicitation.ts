import { z } from 'zod';
import { NATURES } from '../../domain/shared/words';
import type { SolicitationStore } from '../../store/solicitation-store';
import { toCsv } from '../csv';
import { limitSchema, pageOf, toPage } from '../schemas/common';
import type { App } from '../types';

const weeksQuery = {
  weeks: z.coerce.number().int().min(1).max(104).default(8).describe('Whole weeks before this one.'),
  market: z.string().min(2).max(20).default('FR'),
  format: z.enum(['json', 'csv']).default('json'),
};

const departmentWeek = z.object({
  week: z.string().describe('Its Monday, in the market’s zone.'),
  department: z.string(),
  channel: z.string(),
  nature: z.string(),
  messages: z.int(),
  people: z.int(),
  meanPerPerson: z.number(),
  p95PerPerson: z.int(),
  maxPerPerson: z.int(),
});

const personSchema = z.object({
  profileId: z.int(),
  over: z.array(z.string()).describe('Caps they are over, or `threshold`.'),
  contacts: z.int().describe('The most in one window.'),
  departments: z.array(z.string()),
});

const proposalSchema = z.object({
  nature: z.enum(NATURES),
  limit: z.int(),
  windowDays: z.number(),
  reasons: z.array(
    z.discriminatedUnion('code', [
      z.object({
        code: z.literal('uncapped'),
        contactedP95: z.int(),
        engagedP95: z.int(),
        words: z.string(),
      }),
      z.object({
        code: z.literal('refusals-rise'),
        fromDose: z.int(),
        rateBelow: z.number(),
        rateFrom: z.number(),
        p: z.number(),
        words: z.string(),
      }),
    ]),
  ),
});

const jsonOrCsv = <T extends z.ZodType>(schema: T) => ({
  200: {
    description: 'As JSON or CSV',
    content: { 'application/json': { schema }, 'text/csv': { schema: z.string() } },
  },
});
const CSV = 'text/csv; charset=utf-8';

/** An audit of solicitation: who wrote to whom, who was written to too often, and caps that would have helped. */
export function solicitationRoutes(app: App, { solicitation }: { solicitation: SolicitationStore }): void {
  app.get(
    '/v1/solicitation',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['pressure'],
        summary:
          'What each department sent over the past weeks, by channel and nature, other tools’ contacts too',
        querystring: z.strictObject(weeksQuery),
        response: jsonOrCsv(
          z.object({ since: z.date(), timezone: z.string(), rows: z.array(departmentWeek) }),
        ),
      },
    },
    async ({ query }, reply) => {
      const found = await solicitation.byDepartment(query);
      if (query.format === 'json') return reply.send(found);
      const columns = Object.keys(departmentWeek.shape);
      const rows = found.rows.map((row) => [
        row.week,
        row.department,
        row.channel,
        row.nature,
        ...[row.messages, row.people, row.meanPerPerson, row.p95PerPerson, row.maxPerPerson].map(String),
      ]);
      return reply.type(CSV).send(toCsv(columns, rows));
    },
  );

  app.get(
    '/v1/solicitation/people',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['pressure'],
        summary:
          'People who were contacted more often than a threshold, or than the caps allow, at any time of the weeks',
        querystring: z.strictObject({
          ...weeksQuery,
          threshold: z.coerce
            .number()
            .int()
            .min(0)
            .max(10_000)
            .optional()
            .describe('More contacts than this within windowDays; left out: the caps’ own limits.'),
          windowDays: z.coerce.number().min(1).max(400).default(14),
          after: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
          limit: limitSchema,
        }),
        response: jsonOrCsv(pageOf(personSchema)),
      },
    },
    async ({ query }, reply) => {
      const { threshold, windowDays, after = 0, limit } = query;
      const found = await solicitation.people(query, {
        threshold: threshold === undefined ? null : { contacts: threshold, windowDays },
        after,
        limit: limit + 1,
      });
      const people = found.map((one) => ({
        ...one,
        over: [...one.over],
        departments: [...one.departments],
      }));
      const page = toPage(people, limit, ({ profileId }) => String(profileId));
      if (query.format === 'json') return reply.send(page);
      if (page.next !== null) {
        const next = new URLSearchParams({
          ...Object.fromEntries(Object.entries(query).map(([key, value]) => [key, String(value)])),
          after: page.next,
        });
        void reply.header('link', `</v1/solicitation/people?${next.toString()}>; rel="next"`);
      }
      const rows = page.items.map(({ profileId, over, contacts, departments }) => [
        String(profileId),
        over.join(' '),
        String(contacts),
        departments.join(' '),
      ]);
      return reply.type(CSV).send(toCsv(Object.keys(personSchema.shape), rows));
    },
  );

  app.get(
    '/v1/solicitation/proposals',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['pressure'],
        summary: 'Caps that what happened speaks for, with the reasons',
        querystring: z.strictObject(weeksQuery),
        response: jsonOrCsv(z.object({ items: z.array(proposalSchema) })),
      },
    },
    async ({ query }, reply) => {
      const found = await solicitation.proposals(query);
      const items = found.map((proposal) => ({ ...proposal, reasons: [...proposal.reasons] }));
      if (query.format === 'json') return reply.send({ items });
      const rows = items.flatMap(({ nature, limit, windowDays, reasons }) =>
        reasons.map(({ code, words }) => [nature, String(limit), String(windowDays), code, words]),
      );
      return reply.type(CSV).send(toCsv(['nature', 'limit', 'windowDays', 'reason', 'words'], rows));
    },
  );
}
