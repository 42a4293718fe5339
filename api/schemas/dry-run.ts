import { z } from 'zod';
import { countsByName } from './common';
import { audienceCounts, waterfallSchema } from './counts';

/** domain/campaigns/dry-run.ts as it goes over the wire. */
export const dryRunSchema = z
  .object({
    dryRunId: z.string(),
    scenario: z.object({ key: z.string(), version: z.int() }),
    audience: z.object(audienceCounts),
    waterfall: waterfallSchema,
    gate: z.object({ allowed: z.number(), skipped: countsByName }),
    steps: z
      .array(
        z.object({
          step: z.string(),
          people: z.number(),
          ownCaps: z
            .array(z.object({ cap: z.string(), people: z.number(), outcome: z.enum(['waits', 'skipped']) }))
            .readonly()
            .describe('People a cap would hold because of the campaign’s own earlier messages.'),
        }),
      )
      .readonly(),
    creatives: z.object({
      rendered: z.number(),
      rejected: z.number(),
      findings: z
        .array(
          z.object({
            step: z.string(),
            channel: z.string(),
            persona: z.string(),
            arm: z.string(),
            check: z.string(),
            severity: z.string(),
            message: z.string(),
          }),
        )
        .readonly(),
    }),
    samples: z
      .array(
        z.object({
          profileId: z.number(),
          part: z.string(),
          arm: z.string().nullable(),
          persona: z.string(),
        }),
      )
      .readonly(),
    calendar: z.array(z.object({ stage: z.string(), startsAt: z.string(), endsAt: z.string() })).readonly(),
    estimate: z.object({
      messages: z.number(),
      messagesPerSecond: z.number(),
      pace: z
        .enum(['measured', 'planning'])
        .optional()
        .describe('Of the waves of the last four weeks, or a planning figure where they were too few.'),
      sendingSeconds: z.number(),
      totalSeconds: z.number(),
    }),
    problems: z.array(z.string()).readonly(),
  })
  .meta({ id: 'DryRunReport' });
