import { z } from 'zod';
import { NATURES } from '../shared/words';

const key = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes');
const share = z.number().min(0).max(1);
const seconds = z
  .number()
  .int()
  .min(1)
  .max(400 * 86_400);

/** What one arm says; anything left out is taken from the scenario's `content`. */
const content = z.strictObject({
  subject: z.string().min(1).max(150),
  preheader: z.string().min(1).max(150),
  headline: z.string().min(1).max(120),
  body: z.string().min(1).max(5_000),
  ctaLabel: z.string().min(1).max(40),
  ctaUrl: z.url({ protocol: /^https?$/ }),
  /** Words of the hero's mood; the picture never carries the offer. */
  heroAlt: z.string().min(1).max(200),
  heroPalette: z.enum(['warm', 'cool', 'night', 'spring']),
  /** A picture to start from, as a file of the assets; left out, one is drawn. */
  heroAsset: z.string().max(200).optional(),
});

export const armSchema = z.strictObject({
  key,
  label: z.string().min(1).max(80),
  weight: z.number().positive().max(1_000),
  /** The arm that gets nothing. */
  control: z.boolean().default(false),
  /** The arm that is today's version. */
  baseline: z.boolean().default(false),
  content: content.partial().default({}),
});

export const guardrailSchema = z.strictObject({
  metric: z.enum(['unsubscribe', 'complaint']),
  /** Events per accepted message. */
  limit: share,
});

export const scenarioSchema = z.strictObject({
  key,
  name: z.string().min(1).max(120),
  owner: z.string().min(1).max(120),
  department: key,
  market: z.string().min(2).max(20).default('FR'),
  brand: key,
  locale: z.string().min(2).max(10).default('fr'),

  objective: z.string().min(1).max(500),
  hypothesis: z.string().min(1).max(500),
  primaryMetric: z.strictObject({
    /** The event type counted, at most once a person. */
    event: z.string().min(1).max(60),
    direction: z.enum(['increase', 'decrease']).default('increase'),
    /** Counted from the moment the gate judged the person, in every arm, for this long. */
    windowSeconds: seconds,
  }),
  northStar: z.string().min(1).max(200),

  nature: z.enum(NATURES),
  audience: z.strictObject({
    segment: key,
    /** segment_id of the persona matrix, first match wins. */
    personas: z.array(key).min(1).max(200),
    /** For those who match none; left out, they are excluded as `no-persona`. */
    fallbackPersona: key.optional(),
    holdout: z.strictObject({ share, salt: z.string().min(1).max(60) }).optional(),
  }),
  content,
  arms: z.array(armSchema).min(1).max(10),

  pilot: z
    .strictObject({
      area: z.string().min(1).max(10),
      maxPeople: z.number().int().min(1).optional(),
      observeSeconds: seconds,
    })
    .optional(),
  experiment: z
    .strictObject({
      testShare: share.refine((s) => s > 0, 'more than 0'),
      alpha: z.number().gt(0).max(0.2).default(0.05),
      minPerArm: z.number().int().min(1).default(1_000),
      onNoWinner: z.enum(['stop-without-sending', 'baseline']).default('stop-without-sending'),
    })
    .optional(),
  rollout: z.strictObject({
    /** Cumulative shares of the rest; each wave only adds people. */
    waves: z.array(share).min(1).max(20).default([1]),
    observeSeconds: seconds,
  }),
  guardrails: z.array(guardrailSchema).default([
    { metric: 'unsubscribe', limit: 0.005 },
    { metric: 'complaint', limit: 0.001 },
  ]),
  approval: z
    .strictObject({
      required: z.number().int().min(1).max(5).default(1),
      deadlineSeconds: seconds.default(72 * 3_600),
      remindSeconds: seconds.default(24 * 3_600),
      /** How far the audience may grow after approval. */
      tolerance: share.default(0.1),
    })
    .prefault({}),
  /** A wave not finished by then skips who is left (`deadline`). */
  waveDeadlineSeconds: seconds.default(48 * 3_600),
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type ScenarioInput = z.input<typeof scenarioSchema>;
export type Arm = z.infer<typeof armSchema>;
export type Content = Scenario['content'];
