import { z } from 'zod';
import { ACTIONS } from '../../domain/experiments/evaluation';
import { factorEffects } from './factor-effects';
import { plainInteractions } from './interactions';

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const bounds = z
  .tuple([z.number(), z.number()])
  .readonly()
  .describe('From, to; ±1.7976931348623157e308, as far as a number goes: no bound on that side.');
const sampleRatio = z.object({
  chi2: z.number(),
  df: z.number(),
  p: z.number().nullable(),
  verdict: z.enum(['ok', 'warn', 'fail', 'skipped']),
});
const comparison = z.object({
  arm: z.string(),
  against: z.string(),
  difference: z.number(),
  ci: bounds,
  z: z.number().describe('Statistic of the test that decides at the end.'),
  p: z.number().describe('Of what decides at this look.'),
  pAdjusted: z.number().describe('By Holm over the arms, and for alpha being shared between looks.'),
  qAdjusted: z.number().describe('By Benjamini and Hochberg.'),
  trusted: z.boolean(),
  relative: z
    .object({ lift: z.number(), ci: bounds.nullable(), method: z.enum(['katz', 'fieller']) })
    .nullable(),
  tests: list(
    z.object({
      name: z.enum(['chi-square', 'two-proportion-z', 'welch', 'mann-whitney', 'welch-cuped']),
      statistic: z.number(),
      df: z.number().nullable(),
      p: z.number(),
    }),
  ),
  alwaysValid: z.object({ ci: bounds, p: z.number(), planned: z.number() }),
  bayes: z.object({ pBetter: z.number(), expectedLoss: z.number(), interval: bounds }).nullable(),
});

const decisionSchema = z.object({
  action: z.enum(ACTIONS),
  arm: z.string().nullable(),
  reasons: list(z.string()),
  by: z.enum(['fixed-horizon', 'always-valid']),
});

export const sensitivity = list(
  z.object({ what: z.string(), action: z.enum(ACTIONS), arm: z.string().nullable(), turned: z.boolean() }),
);

/** domain/experiments/evaluation.ts as it goes over the wire. */
export const evaluationSchema = z
  .object({
    metric: z.string(),
    health: z.object({
      srmP: z.number().nullable(),
      verdict: z.enum(['ok', 'warn', 'fail', 'skipped']),
      allowed: sampleRatio,
      assigned: sampleRatio.nullable(),
      anytimeP: z.number(),
      checks: list(
        z.object({
          name: z.enum(['sample-ratio', 'missing-outcomes', 'outliers', 'covariate', 'double-exposure']),
          verdict: z.enum(['ok', 'warn', 'fail', 'skipped']),
          words: z.string(),
        }),
      ),
    }),
    reference: z.object({ arm: z.string(), role: z.enum(['control', 'baseline', 'first']) }),
    arms: list(
      z.object({
        arm: z.string(),
        label: z.string(),
        n: z.number(),
        events: z.number().nullable(),
        rate: z.number(),
      }),
    ),
    comparisons: list(comparison),
    amongWinners: list(comparison),
    detectable: z.number().nullable(),
    guardrails: list(
      z.object({
        metric: z.string(),
        arm: z.string(),
        n: z.number(),
        events: z.number(),
        rate: z.number(),
        limit: z.number(),
        p: z.number(),
        pAgainst: z.number().nullable(),
        lost: z.boolean(),
        words: z.string(),
      }),
    ),
    decision: decisionSchema,
  })
  .meta({ id: 'Evaluation' });

export const evaluatedSchema = z.object({
  evaluation: evaluationSchema,
  sensitivity: sensitivity.describe('What would have been decided, had one thing been otherwise.'),
  subPopulations: list(
    z.object({
      name: z.string(),
      declared: z.boolean(),
      effects: list(
        z.object({
          group: z.string(),
          arm: z.string(),
          n: z.number(),
          referenceN: z.number(),
          difference: z.number(),
          ci: bounds,
          p: z.number(),
          pAdjusted: z.number().nullable().describe('null: exploratory.'),
        }),
      ),
      heterogeneity: list(z.object({ arm: z.string(), p: z.number().nullable() })),
    }),
  ),
  factors: factorEffects.nullable(),
  interactions: plainInteractions.describe('With the `concurrent` tests; nothing is decided by them.'),
  economics: list(
    z.object({
      arm: z.string(),
      against: z.string(),
      revenue: z.number(),
      revenueCi: bounds,
      cost: z.number(),
      roi: z.number().nullable(),
      roiCi: bounds.nullable(),
    }),
  ).nullable(),
});
