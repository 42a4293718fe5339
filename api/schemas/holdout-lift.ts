import { z } from 'zod';
import { HOLDOUT_PERIODS } from '../../domain/delivery/holdout';

const interval = z.tuple([z.number(), z.number()]).readonly();
const side = z.object({ n: z.number(), mean: z.number() });

const lift = z
  .object({
    month: z.string().describe('`2026-03`: from the beginning to its end, in the market’s zone.'),
    looks: z.int(),
    held: side,
    others: side,
    difference: z.number().describe('Mean of who may be written to less that of who is held out.'),
    ci: interval.describe('At 1 − alpha, for who looks this once.'),
    ciEveryMonth: interval.describe('Holds at every month together.'),
    relative: z.object({ lift: z.number(), ci: interval.nullable() }).nullable(),
    incremental: z.number().describe('Over everybody who may be written to.'),
    incrementalCi: interval,
    sampleRatio: z.object({
      chi2: z.number(),
      df: z.number(),
      p: z.number().nullable(),
      verdict: z.enum(['ok', 'warn', 'fail', 'skipped']),
    }),
    verdict: z.enum(['lift', 'loss', 'not-shown', 'too-few', 'not-valid']),
  })
  .meta({ id: 'HoldoutMonth' });

/** domain/experiments/holdout-lift.ts as it goes over the wire. */
export const holdoutLiftSchema = z
  .object({
    holdout: z.object({
      key: z.string(),
      share: z.number(),
      market: z.string().nullable(),
      start: z.string(),
      period: z.enum(HOLDOUT_PERIODS),
    }),
    measure: z.object({
      event: z.string(),
      kind: z.enum(['share', 'amount']),
      currency: z.string().nullable(),
    }),
    alpha: z.number(),
    begun: z.boolean().describe('false: the day it starts on is still to come.'),
    months: z
      .array(lift)
      .readonly()
      .describe('Whole months, cumulative: the last one is the programme so far.'),
    latest: lift.nullable().describe('null: no whole month is over.'),
  })
  .meta({ id: 'HoldoutLift' });
