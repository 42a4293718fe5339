import { z } from 'zod';
import { ENDS, STAGES } from '../../domain/shared/words';

/** The part of the API's answers that the demo reads. */
const counts = z.object({
  planned: z.number(),
  accepted: z.number(),
  failed: z.number(),
  skipped: z.number(),
  uncertain: z.number(),
  open: z.number(),
});
const byName = z.record(z.string(), z.number());
const audience = z.object({
  matched: z.number(),
  excluded: byName,
  holdout: z.number(),
  members: z.number(),
  arms: byName,
  parts: z.object({ pilot: z.number(), test: z.number(), rollout: z.number() }),
});
const stage = z.object({
  name: z.enum(STAGES),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  outcome: z.string().nullable(),
});

export const importAnswer = z.object({
  id: z.string(),
  state: z.string(),
  bytes: z.number(),
  rows: z.number(),
  created: z.number(),
  merged: z.number(),
  unchanged: z.number(),
  rejected: z.number(),
  events: z.number(),
  consents: z.number(),
  error: z.string().nullable(),
});
export type ImportAnswer = z.infer<typeof importAnswer>;

export const rejectsAnswer = z.object({
  items: z.array(z.object({ line: z.number(), field: z.string(), code: z.string(), reason: z.string() })),
  next: z.string().nullable(),
});

const finding = z.object({
  persona: z.string(),
  arm: z.string(),
  check: z.string(),
  severity: z.string(),
  message: z.string(),
});

export const dryRunAnswer = z.object({
  audience,
  gate: z.object({ allowed: z.number(), skipped: byName }),
  creatives: z.object({ rendered: z.number(), rejected: z.number(), findings: z.array(finding) }),
  estimate: z.object({
    messages: z.number(),
    messagesPerSecond: z.number(),
    sendingSeconds: z.number(),
    totalSeconds: z.number(),
  }),
  problems: z.array(z.string()),
});

export const startedAnswer = z.object({
  id: z.string(),
  workflowId: z.string(),
  temporalUrl: z.string(),
  pageUrl: z.string(),
});

export const campaignAnswer = z.object({
  id: z.string(),
  workflowId: z.string(),
  name: z.string(),
  stage: z.enum(STAGES),
  hold: z.string(),
  blockedOn: z.string().nullable(),
  end: z.enum(ENDS).nullable(),
  endReason: z.string().nullable(),
  temporalUrl: z.string().nullable(),
  stages: z.array(stage.extend({ details: z.record(z.string(), z.unknown()) })),
  audience: audience.nullable(),
  deliveries: counts,
  waves: z.array(
    counts.extend({
      step: z.string(),
      wave: z.string(),
      withheld: z.number(),
      endedAt: z.string().nullable(),
      perSecond: z.number().nullable(),
      secondsLeft: z.number().nullable(),
    }),
  ),
  incidents: z.number(),
});
export type CampaignAnswer = z.infer<typeof campaignAnswer>;

const share = z.number();
export const reportAnswer = z.object({
  campaignId: z.string(),
  workflowId: z.string(),
  end: z.enum(ENDS).nullable(),
  stages: z.array(stage),
  audience: audience.nullable(),
  creatives: z.object({ rendered: z.number(), rejected: z.number(), findings: z.number() }),
  approvals: z.array(z.record(z.string(), z.unknown())),
  deliveries: counts.extend({
    reasons: z.array(z.object({ state: z.string(), reason: z.string(), count: z.number() })),
  }),
  experiment: z
    .object({
      metric: z.string(),
      srmP: z.number().nullable(),
      arms: z.array(z.object({ arm: z.string(), n: z.number(), events: z.number(), rate: share })),
      comparisons: z.array(
        z.object({ arm: z.string(), difference: share, ci: z.tuple([share, share]), pAdjusted: z.number() }),
      ),
      decision: z.object({ action: z.string(), arm: z.string().nullable(), reasons: z.array(z.string()) }),
    })
    .nullable(),
  incidents: z.number(),
  backlog: z.array(
    z.object({
      title: z.string(),
      revenuePotential: z.number(),
      difficulty: z.number(),
      statisticalFeasibility: z.number(),
      priority: z.number(),
    }),
  ),
});
export type ReportAnswer = z.infer<typeof reportAnswer>;

export const testLogAnswer = z.object({
  items: z.array(z.object({ campaignId: z.string().nullable(), insight: z.string(), nextStep: z.string() })),
});

export const anything = z.unknown();
