import { z } from 'zod';
import { ownAddress } from '../creatives/language';
import { attributeName } from '../segments/attribute-name';
import { WEEKDAYS } from '../frequency/weekday';
import { FIRST_STEP } from './steps';
import { currencySchema } from '../shared/money';
import { CHANNELS, FORMATS, LETTER_KINDS, NATURES, URGENCIES } from '../shared/words';

const key = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes');
const share = z.number().min(0).max(1);
const seconds = z
  .number()
  .int()
  .min(1)
  .max(400 * 86_400);
const pause = z
  .number()
  .int()
  .min(0)
  .max(400 * 86_400);

const channels = z.array(z.enum(CHANNELS)).min(1).max(CHANNELS.length);
const hour = z.number().int().min(0).max(23);

/** What one arm says; anything left out is taken from the scenario's `content`. */
const content = z.strictObject({
  subject: z.string().min(1).max(150),
  preheader: z.string().min(1).max(150),
  headline: z.string().min(1).max(120),
  body: z.string().min(1).max(5_000),
  ctaLabel: z.string().min(1).max(40),
  /** Or, in an e-mail of a triggered scenario, one of the message's own values and nothing else: nobody follows that link. */
  ctaUrl: z.union([z.url({ protocol: /^https?$/ }), z.string().refine((url) => ownAddress(url) !== null)], {
    error: 'an http or https address, or only {{ message.…Url }}',
  }),
  /** Words of the hero's mood; the picture never carries the offer. */
  heroAlt: z.string().min(1).max(200),
  heroPalette: z.enum(['warm', 'cool', 'night', 'spring']),
  /** A picture to start from, as a file of the assets; left out, one is drawn. */
  heroAsset: z.string().max(200).optional(),
  /** Words of the other channels; left out, they are made of headline and body. All take the same variables. */
  sms: z.strictObject({ text: z.string().min(1).max(1_000) }).optional(),
  push: z.strictObject({ title: z.string().min(1).max(60), body: z.string().min(1).max(240) }).optional(),
  inApp: z
    .strictObject({
      title: z.string().min(1).max(80),
      body: z.string().min(1).max(500),
      /** Said instead to somebody who did not agree to being profiled: no personal word, no targeting. */
      transparent: z.strictObject({ title: z.string().min(1).max(80), body: z.string().min(1).max(500) }),
    })
    .optional(),
  letter: z.strictObject({ body: z.string().min(1).max(8_000) }).optional(),
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
  /** Of a test of channels: the first message's, first choice first, instead of the scenario's. */
  channels: channels.optional(),
  /** Of a test of moments: the local hour it should arrive at, unless the person has asked for another. */
  sendHour: hour.optional(),
  /** Likewise the local day of the week. */
  sendDay: z.enum(WEEKDAYS).optional(),
  /** Of an arm made of choices: `{ message: 'short', visual: 'night' }`. The effect of each is told. */
  factors: z
    .record(key, key)
    .refine((factors) => Object.keys(factors).length > 0, 'names at least one factor')
    .refine((factors) => Object.keys(factors).length <= 4, 'at most four factors')
    .optional(),
});

const metric = z.strictObject({
  /** The event type counted, at most once a person. */
  event: z.string().min(1).max(60),
  direction: z.enum(['increase', 'decrease']).default('increase'),
  /** Counted from the moment the gate judged the person, in every arm, for this long. */
  windowSeconds: seconds,
});

export const guardrailSchema = z.strictObject({
  metric: z.enum(['unsubscribe', 'complaint']),
  /** Events per accepted message. */
  limit: share,
});

/** What a later step asks of the one before it: sent `afterSeconds` later to whom it is true of. */
export const CONDITIONS = ['accepted', 'not-clicked', 'not-opened', 'not-converted', 'failed'] as const;
export type StepCondition = (typeof CONDITIONS)[number];

const stepSchema = z.strictObject({
  key: key.refine((k) => k !== FIRST_STEP, `\`${FIRST_STEP}\` is the scenario itself`),
  /** The step it follows. */
  after: key.default(FIRST_STEP),
  when: z.enum(CONDITIONS),
  /** Counted for each person from the end of their earlier message. */
  afterSeconds: seconds,
  /** First choice first; left out, the channel policy decides. */
  channels: channels.optional(),
  nature: z.enum(NATURES).optional(),
  urgency: z.enum(URGENCIES).optional(),
  /** Anything left out is what the scenario, and the person's arm, say. */
  content: content.partial().default({}),
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
  primaryMetric: metric,
  northStar: z.string().min(1).max(200),

  /**
   * `batch`: everybody at once. `continuous`: people enter as they come to match the segment. `triggered`: one message
   * to one person, each asked for by `POST /v1/messages`.
   */
  kind: z.enum(['batch', 'continuous', 'triggered']).default('batch'),
  continuous: z
    .strictObject({
      /** One campaign a period; the next one is approved anew. */
      periodSeconds: seconds,
      /** How often who came to match is looked for. */
      everySeconds: z.number().int().min(1).max(86_400).default(60),
      /** Those who match already when it starts: in, or only from when they leave and come back. */
      existing: z.enum(['enter', 'ignore']).default('ignore'),
      /** Days after an entry in any earlier period before the same person may enter again; null: never again. */
      reentryDays: z.number().int().min(1).max(3_650).nullable().default(null),
    })
    .optional(),
  /** Of a continuous scenario: a challenger of the `baseline` arm gets a small share of who enter, at a rhythm. */
  challenge: z
    .strictObject({
      share: share.refine((s) => s > 0 && s <= 0.5, 'more than 0, and at most a half'),
      /** Every so many campaigns of the scenario, counted from its first one; several challengers take turns. */
      everyPeriods: z.number().int().min(1).max(52).default(1),
      alpha: z.number().gt(0).max(0.2).default(0.05),
      power: z.number().min(0.5).max(0.99).default(0.8),
      minPerArm: z.number().int().min(1).default(500),
    })
    .optional(),
  triggered: z
    .strictObject({
      /** How long messages may be asked for; the next campaign is approved anew. */
      periodSeconds: seconds,
    })
    .optional(),
  /** Values a triggered message is asked with, as `message.<name>`, and what stands there without one. */
  variables: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-zA-Z0-9]{0,39}$/),
        fallback: z.string().max(200),
        required: z.boolean().default(false),
      }),
    )
    .max(40)
    .default([]),

  nature: z.enum(NATURES),
  urgency: z.enum(URGENCIES).default('normal'),
  format: z.enum(FORMATS).default('short'),
  /** What it is about, as the preference page lists it. */
  topic: key.optional(),
  /** First choice first, the others where it cannot be; left out, the channel policy decides. */
  channels: channels.optional(),
  /** Steps that follow the first message. */
  steps: z.array(stepSchema).max(10).default([]),
  letter: z.strictObject({ kind: z.enum(LETTER_KINDS) }).optional(),
  inApp: z
    .strictObject({
      placement: key,
      /** Sessions it may be shown in, as they declare themselves; empty: any. */
      contexts: z.array(key).max(20).default([]),
      expiresSeconds: seconds.default(30 * 86_400),
    })
    .optional(),
  /**
   * Local hour the message should arrive at, 0…23, unless the person prefers another. Not of service and official
   * messages: those go at once, at any hour.
   */
  sendHour: hour.optional(),

  /** Between departments that want the same person: the mandatory first, then priority, then expected value. */
  mandatory: z.boolean().default(false),
  priority: z.number().int().min(0).max(100).default(50),
  expectedValueCents: z.number().int().min(0).max(1_000_000).default(0),
  /** Sending stops before it is passed. */
  budgetCents: z.number().int().min(0).max(1_000_000_000).optional(),
  /** Conversions counted for a message: the event, how long after, and whether a click must lie between. */
  attribution: z
    .strictObject({
      event: z.string().min(1).max(60),
      windowSeconds: seconds,
      from: z.enum(['click', 'delivery']).default('click'),
    })
    .optional(),
  /** Who comes to match after the freeze: kept out, or let in by the same hash before each wave. */
  intake: z.enum(['closed', 'open']).default('closed'),

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
      /** Judged by what messages of the last `days` came to in its area: lost where it is worse by more than that share. */
      history: z
        .strictObject({
          days: z.number().int().min(7).max(730),
          worseBy: share.default(0.2),
          alpha: z.number().gt(0).max(0.2).default(0.05),
        })
        .optional(),
    })
    .optional(),
  experiment: z
    .strictObject({
      testShare: share.refine((s) => s > 0, 'more than 0'),
      /**
       * Tests that name the same group and other parts of it never share a person: who is in none of this test's part waits for
       * the roll-out.
       */
      exclusion: z.strictObject({ group: key, from: share.default(0), to: share.default(1) }).optional(),
      /** The test it repeats: a campaign's id, or the key of one that was run elsewhere. */
      replicates: z.string().min(1).max(80).optional(),
      alpha: z.number().gt(0).max(0.2).default(0.05),
      power: z.number().min(0.5).max(0.99).default(0.8),
      minPerArm: z.number().int().min(1).default(1_000),
      /** The primary metric's rate today, and the smallest effect that would be acted on: a test too small for it is refused. */
      baselineRate: share.refine((s) => s > 0 && s < 1, 'between 0 and 1').optional(),
      minimumEffect: z
        .union([
          z.strictObject({ absolute: share }),
          z.strictObject({ relative: z.number().positive().max(1_000) }),
        ])
        .optional(),
      /** Looks before the end of the window, evenly spaced: only what holds at every look ends the test there. */
      earlyLooks: z.number().int().min(0).max(20).default(0),
      /**
       * The test's arms are dealt alike within each combination of these: attributes as rules name them (`area`,
       * `value_tier`), and `persona`, the one a person is frozen with.
       */
      stratifyBy: z.array(attributeName).min(1).max(3).optional(),
      /** Who is left gets nothing, the baseline, or the arm whose messages cost the least in the test. */
      onNoWinner: z.enum(['stop-without-sending', 'baseline', 'cheapest']).default('stop-without-sending'),
      /** Cumulative shares of the test; each wave only adds people. */
      waves: z.array(share).min(1).max(20).default([1]),
      /** From a wave's end until its guardrails are looked at, and the next wave goes. */
      lookAfterSeconds: pause.default(0),
      /** How often a person had an event in so many days before: what it foretold is taken out of the outcome (CUPED). */
      covariate: z
        .strictObject({ event: z.string().min(1).max(60), days: z.number().int().min(1).max(400) })
        .optional(),
      /** Counted as the primary metric is, and told beside it: they never decide. */
      secondaryMetrics: z.array(metric).max(5).default([]),
      /** The event that stands for `northStar` above; told the same way. */
      northStar: metric.optional(),
      /** What people spent: the values of an event in one currency, told with what the messages cost. It never decides. */
      revenue: z
        .strictObject({
          event: metric.shape.event,
          windowSeconds: seconds,
          currency: currencySchema.default('EUR'),
        })
        .optional(),
      /** Whose own effects are tested, and adjusted for each other; every other cut is exploratory. */
      subPopulations: z
        .strictObject({
          segments: z.array(key).max(10).default([]),
          personas: z.array(key).max(10).default([]),
        })
        .prefault({}),
    })
    .optional(),
  rollout: z.strictObject({
    /** Cumulative shares of the rest; each wave only adds people. */
    waves: z.array(share).min(1).max(20).default([1]),
    /** From a wave's end until its guardrails are looked at, and the next wave goes. */
    lookAfterSeconds: pause.default(0),
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
