import { z } from 'zod';
import { evaluationSchema, sensitivity } from './evaluation';
import { factorEffects } from './factor-effects';
import { interactions } from './interactions';
import { groupEffects, metricEffects, revenueEffects } from './report';

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();

const decision = evaluationSchema.shape.decision;

/** One look at a campaign's test, as it was kept. */
export const campaignEvaluation = z
  .object({
    look: z.int().describe('From 1.'),
    at: z.date(),
    revision: z.string().nullable().describe('Of the code that judged.'),
    evaluation: evaluationSchema.extend({
      sends: list(
        z.object({
          arm: z.string(),
          accepted: z.number(),
          unsubscribed: z.number(),
          complained: z.number(),
        }),
      ).optional(),
      otherMetrics: metricEffects.optional(),
      groups: groupEffects.optional(),
      revenue: revenueEffects.optional(),
      factors: factorEffects.optional(),
      interactions: interactions.optional(),
      sensitivity: sensitivity.optional(),
    }),
  })
  .meta({ id: 'CampaignEvaluation' });

/** What the stored numbers say to the code that runs now. */
export const computedAgain = z.object({
  revision: z.string(),
  same: z.boolean().describe('To the last digit.'),
  differs: list(z.string()).describe('Where it does not: pointers into the evaluation, fifty at the most.'),
  decision,
});

/** What is counted now, of the same people and the same windows. It decides nothing. */
export const countedNow = z.object({
  late: list(
    z.object({
      arm: z.string(),
      people: z.number().describe('More or fewer than when it was judged: by profiles merged since.'),
      events: z.number().describe('More or fewer: by what came in late.'),
    }),
  ),
  decision: decision.describe('What would be decided of it. What was decided stands.'),
  turned: z.boolean(),
});
