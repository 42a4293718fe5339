import { z } from 'zod';
import { ENDS, HOLDS, STAGES } from '../../domain/shared/words';
import { countsByName, details, keySchema, versionSchema } from './common';
import { audienceCounts, deliveryCounts, forecastSchema, waterfallSchema } from './counts';

const instant = z.iso.datetime({ offset: true }).describe('ISO 8601 with its offset.');
const cron = z
  .string()
  .max(120)
  .regex(/^\S+( \S+){4}$/, 'five fields: minute hour day month weekday');
const timezone = z.string().min(1).max(60).refine(isTimezone, 'is not an IANA time zone');

export const startAtSchema = z.strictObject({ at: instant });
export const startCronSchema = z.strictObject({ cron, timezone: timezone.default('Europe/Paris') });
export const startSchema = z.union([z.literal('now'), startAtSchema, startCronSchema]);

export const newCampaignSchema = z.strictObject({
  scenario: keySchema,
  version: versionSchema.optional().describe('Left out: the latest validated version.'),
  start: startSchema.default('now'),
});

export const startedSchema = z.object({
  id: z.string(),
  workflowId: z.string(),
  runId: z.string(),
  temporalUrl: z.string().describe('The run in the Temporal UI.'),
  statusUrl: z.string(),
  pageUrl: z.string(),
});

export const scheduleSchema = z.object({
  id: z.string(),
  scenario: z.string(),
  scheduleId: z.string().describe('Id of the Temporal Schedule.'),
  kind: z.enum(['at', 'cron']),
  spec: z.string(),
  timezone: z.string(),
  state: z.enum(['active', 'cancelled', 'done']),
  nextAt: z
    .date()
    .nullable()
    .describe('The next start; null: none is to come, or Temporal does not answer now.'),
  createdBy: z.string(),
  createdAt: z.date(),
  updatedAt: z.date(),
});

export const campaignSummarySchema = z.object({
  id: z.string(),
  scenario: z.string(),
  version: z.int(),
  name: z.string(),
  owner: z.string(),
  market: z.string(),
  department: z.string(),
  stage: z.enum(STAGES),
  hold: z.enum(HOLDS),
  blockedOn: z.string().nullable().describe('Why it is waiting, in words; null: it is not.'),
  end: z.enum(ENDS).nullable(),
  endReason: z.string().nullable(),
  createdBy: z.string(),
  createdAt: z.date(),
  endedAt: z.date().nullable(),
  workflowId: z.string(),
  runId: z.string().nullable(),
  temporalUrl: z.string().nullable(),
});

export const campaignSchema = campaignSummarySchema
  .extend({
    objective: z.string(),
    hypothesis: z.string(),
    stages: z.array(
      z.object({
        name: z.enum(STAGES),
        startedAt: z.date(),
        endedAt: z.date().nullable(),
        outcome: z.string().nullable(),
        details,
      }),
    ),
    audience: z
      .object({ ...audienceCounts, waterfall: waterfallSchema, forecast: forecastSchema })
      .nullable(),
    deliveries: z.object(deliveryCounts).describe('planned = accepted + failed + skipped + uncertain + open'),
    waves: z.array(
      z.object({
        ...deliveryCounts,
        step: z.string(),
        wave: z.string(),
        part: z.string(),
        arm: z.string().nullable(),
        withheld: z.number().describe('Control people, who get nothing; not in planned.'),
        startedAt: z.date(),
        endedAt: z.date().nullable(),
        deadlineAt: z.date().nullable().describe('Who is left by then is skipped.'),
        perSecond: z.number().nullable().describe('Settled a second over the last minute.'),
        secondsLeft: z.number().nullable(),
        estimatedEnd: z.date().nullable(),
        recent: z.number().describe('Settled in the last minute.'),
        waiting: countsByName.describe('Why those who were put off wait, each reason with its count.'),
      }),
    ),
    approval: z
      .object({ id: z.string(), subjectHash: z.string(), requestedAt: z.date(), deadlineAt: z.date() })
      .nullable()
      .describe('What is waiting to be decided.'),
    decision: z.unknown().describe('What the experiment decided.'),
    incidents: z.number(),
  })
  .meta({ id: 'Campaign' });

export const decisionSchema = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  subjectHash: z
    .string()
    .min(1)
    .max(128)
    .describe('Of exactly what was looked at; `approval.subjectHash` of the campaign.'),
  reason: z.string().min(1).max(1_000).optional(),
});

export const decisionAnswerSchema = z.object({
  outcome: z.literal('counted'),
  state: z.enum(['waiting', 'approved', 'rejected']),
  missing: z.number().describe('Approvals still needed.'),
});

export const keptDecisionSchema = z.object({ outcome: z.literal('kept'), words: z.string() });

export const decisionRecordSchema = z.object({
  id: z.string(),
  decision: z.enum(['approve', 'reject']),
  by: z.string(),
  via: z.enum(['rest', 'slack']),
  subjectHash: z.string(),
  reason: z.string().nullable(),
  outcome: z.string().describe('`counted`, or why it changed nothing.'),
  at: z.date(),
});

export const commandSchema = z.strictObject({ reason: z.string().min(1).max(500).optional() }).nullish();

export const commandAnswerSchema = z.object({
  hold: z.enum(HOLDS),
  stage: z.enum(STAGES),
  words: z.string(),
});

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
