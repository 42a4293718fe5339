import { z } from 'zod';
import { VERDICTS } from '../../domain/experiments/effects';
import { ACTIONS } from '../../domain/experiments/evaluation';
import { ENDS, STAGES } from '../../domain/shared/words';
import { audienceCounts, deliveryCounts } from './counts';
import { sensitivity } from './evaluation';
import { factorEffects } from './factor-effects';
import { interactions } from './interactions';

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();

const factors = {
  revenuePotential: z.number(),
  difficulty: z.number(),
  statisticalFeasibility: z.number(),
  priority: z.number().describe('revenuePotential × statisticalFeasibility ÷ difficulty'),
};

const backlogItem = { id: z.string(), title: z.string(), why: z.string(), ...factors };

export const backlogRowSchema = z
  .object({
    ...backlogItem,
    campaignId: z.string().nullable(),
    from: z.string().nullable().describe('Name of the campaign’s scenario.'),
    state: z.string(),
    createdAt: z.string(),
  })
  .meta({ id: 'BacklogItem' });

export const testLogRowSchema = z
  .object({
    campaignId: z.string().nullable().describe('null: the test was run elsewhere.'),
    testKey: z.string().nullable().describe('Of a test that was run elsewhere.'),
    name: z.string(),
    context: z.string(),
    hypothesis: z.string(),
    implementation: z.string(),
    result: z.string(),
    insight: z.string(),
    nextStep: z.string(),
    createdAt: z.string(),
  })
  .meta({ id: 'TestLogEntry' });

const range = z.tuple([z.number(), z.number()]).readonly();

const effects = list(
  z.object({
    arm: z.string(),
    n: z.number(),
    rate: z.number(),
    referenceN: z.number(),
    referenceRate: z.number(),
    difference: z.number(),
    ci: z.tuple([z.number(), z.number()]).readonly(),
    p: z.number(),
    pAdjusted: z
      .number()
      .nullable()
      .describe('Of metrics by Benjamini and Hochberg, of groups by Holm; null: exploratory.'),
    verdict: z.enum(VERDICTS),
  }),
);

export const metricEffects = list(
  z.object({
    role: z.enum(['secondary', 'north-star']),
    event: z.string(),
    direction: z.enum(['increase', 'decrease']),
    windowSeconds: z.number(),
    effects,
  }),
).describe('Counted beside the primary metric; nothing is decided by them.');

export const groupEffects = list(
  z.object({
    kind: z.enum(['segment', 'outside', 'persona']),
    group: z.string(),
    effects,
    differs: list(z.object({ arm: z.string(), pAdjusted: z.number() })),
  }),
).describe('The primary metric in the groups the scenario declared; nothing is decided by them.');

export const revenueEffects = z.object({
  event: z.string(),
  windowSeconds: z.number(),
  currency: z.string(),
  effects: list(
    z.object({
      arm: z.string(),
      against: z.string(),
      n: z.number(),
      mean: z.number(),
      referenceMean: z.number(),
      p: z.number(),
      revenue: z.number(),
      revenueCi: range,
      cost: z.number(),
      roi: z.number().nullable(),
      roiCi: range.nullable(),
    }),
  ),
});

const experiment = z.object({
  metric: z.string(),
  srmP: z.number().nullable().describe('p of the sample-ratio check; null where there are too few to check.'),
  arms: list(z.object({ arm: z.string(), n: z.number(), events: z.number().nullable(), rate: z.number() })),
  comparisons: list(
    z.object({
      arm: z.string(),
      difference: z.number(),
      ci: range,
      pAdjusted: z.number(),
    }),
  ),
  otherMetrics: metricEffects,
  groups: groupEffects,
  revenue: revenueEffects
    .nullable()
    .describe(
      'What the people of each arm spent and their messages cost beyond the reference, in minor units.',
    ),
  factors: factorEffects.nullable().describe('Of arms that are made of choices; nothing is decided by them.'),
  sensitivity: sensitivity.describe('What would have been decided, had one thing been otherwise.'),
  interactions: interactions.describe('With tests of other campaigns; nothing is decided by them.'),
  decision: z.object({
    action: z.enum(ACTIONS),
    arm: z.string().nullable(),
    reasons: list(z.string()),
  }),
});

/** domain/improvement/report-data.ts as it goes over the wire. */
export const reportSchema = z
  .object({
    campaignId: z.string(),
    workflowId: z.string(),
    scenario: z.object({
      key: z.string(),
      version: z.number(),
      name: z.string(),
      owner: z.string(),
      market: z.string(),
      objective: z.string(),
      hypothesis: z.string(),
      northStar: z.string(),
      primaryMetric: z.object({
        event: z.string(),
        direction: z.enum(['increase', 'decrease']),
        windowSeconds: z.number(),
      }),
    }),
    end: z.enum(ENDS).nullable(),
    endReason: z.string().nullable(),
    createdAt: z.string(),
    endedAt: z.string().nullable(),
    stages: list(
      z.object({
        name: z.enum(STAGES),
        startedAt: z.string(),
        endedAt: z.string().nullable(),
        outcome: z.string().nullable(),
      }),
    ),
    audience: z
      .object({
        ...audienceCounts,
        pilot: z.int(),
      })
      .nullable(),
    creatives: z.object({
      rendered: z.number(),
      rejected: z.number(),
      findings: z.number(),
      bySeverity: z.object({ blocking: z.number(), warning: z.number(), info: z.number() }),
      byCheck: list(z.object({ check: z.string(), severity: z.string(), count: z.number() })),
    }),
    approvals: list(
      z.object({
        approvalId: z.string(),
        state: z.enum(['waiting', 'approved', 'rejected', 'expired', 'void']),
        requestedAt: z.string(),
        deadlineAt: z.string(),
        decisions: list(
          z.object({
            decisionId: z.string(),
            decision: z.enum(['approve', 'reject']),
            by: z.string(),
            via: z.enum(['rest', 'slack']),
            outcome: z.string(),
            at: z.string(),
          }),
        ),
      }),
    ),
    deliveries: z.object({
      ...deliveryCounts,
      withheld: z.number(),
      waves: list(
        z.object({
          ...deliveryCounts,
          step: z.string(),
          wave: z.string(),
          part: z.string(),
          arm: z.string().nullable(),
          withheld: z.number(),
          startedAt: z.string(),
          endedAt: z.string().nullable(),
        }),
      ),
      reasons: list(z.object({ state: z.string(), reason: z.string(), count: z.number() })),
    }),
    experiment: experiment.nullable(),
    incidents: z.number(),
    backlog: list(z.object(backlogItem)),
  })
  .meta({ id: 'CampaignReport' });
