import { z } from 'zod';
import { storableText } from '../../domain/shared/text';
import { armKey, MOST_ARMS, people } from './arms';

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();

/** Of amounts, rates and weights: what is smaller or larger is no test's, and leaves what a number can hold. */
const LEAST = 1e-9;
const MOST = 1e15;
const size = z.number().min(LEAST).max(MOST);

export const planBody = z
  .strictObject({
    metric: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('share'),
        baseline: z
          .number()
          .min(LEAST)
          .max(1 - LEAST)
          .describe('Share of people with the event today.'),
      }),
      z.strictObject({ kind: z.literal('mean'), mean: z.number().min(-MOST).max(MOST).optional(), sd: size }),
    ]),
    direction: z.enum(['increase', 'decrease']).default('increase'),
    minimumEffect: z
      .union([
        z.strictObject({ absolute: size }),
        z.strictObject({ relative: z.number().min(LEAST).max(1_000) }),
      ])
      .describe('The smallest that would be acted on.'),
    arms: z
      .array(
        z.strictObject({
          key: armKey,
          weight: z.number().min(LEAST).max(1e6).default(1),
          control: z.boolean().default(false),
          baseline: z.boolean().default(false),
        }),
      )
      .min(2)
      .max(MOST_ARMS),
    alpha: z.number().min(LEAST).max(0.5).default(0.05),
    power: z
      .number()
      .min(0.01)
      .max(1 - LEAST)
      .default(0.8),
    minPerArm: z.int().min(1).max(1e9).default(1_000),
    earlyLooks: z.int().min(0).max(1_000).default(0),
    people: people.nullable().default(null).describe('People there are for the test, all arms together.'),
    perDay: size.nullable().default(null),
    windowDays: z.number().min(0).max(400).default(0).describe('How long an outcome is waited for.'),
  })
  .superRefine((body, at) => {
    const keys = body.arms.map(({ key }) => key);
    keys.forEach((key, i) => {
      if (keys.indexOf(key) !== i)
        at.addIssue({ code: 'custom', message: 'is there twice', path: ['arms', i, 'key'] });
    });
    if (
      'relative' in body.minimumEffect &&
      body.metric.kind === 'mean' &&
      !(Math.abs(body.metric.mean ?? 0) >= LEAST)
    )
      at.addIssue({
        code: 'custom',
        message: 'asks for the mean it is a share of',
        path: ['minimumEffect', 'relative'],
      });
  })
  .meta({
    examples: [
      {
        metric: { kind: 'share', baseline: 0.106 },
        minimumEffect: { relative: 0.1 },
        arms: [{ key: 'none', control: true }, { key: 'mens' }, { key: 'womens' }],
        people: 64_000,
        windowDays: 14,
      },
    ],
  });

export const planSchema = z.object({
  alphaPerComparison: z.number(),
  effect: z.number(),
  needed: z.number().nullable(),
  perArm: z.number().nullable(),
  arms: list(z.object({ key: z.string(), people: z.number() })),
  total: z.number().nullable(),
  days: z.number().nullable(),
  detectable: z.object({ absolute: z.number(), relative: z.number().nullable() }).nullable(),
  feasible: z.boolean(),
  ways: list(z.string()),
});

export const adjustBody = z
  .strictObject({
    ps: z
      .array(z.strictObject({ key: armKey, p: z.number().gt(0).max(1) }))
      .min(1)
      .max(10_000),
    alpha: z.number().gt(0).max(0.5).default(0.05),
  })
  .meta({
    examples: [
      {
        ps: [
          { key: 'visit', p: 0.012 },
          { key: 'purchase', p: 0.034 },
        ],
      },
    ],
  });

export const adjustedSchema = z.object({
  items: list(
    z.object({
      key: z.string(),
      p: z.number(),
      holm: z.number(),
      benjaminiHochberg: z.number(),
      significant: z.boolean().describe('By Holm, at alpha.'),
    }),
  ),
});

const MOST_UNITS = 10_000;
export const assignBody = z
  .strictObject({
    salt: storableText(120).min(1),
    arms: z
      .array(z.strictObject({ key: armKey, weight: z.number().positive().max(1e6).default(1) }))
      .min(1)
      .max(MOST_ARMS),
    units: z
      .array(z.strictObject({ id: storableText(200).min(1), stratum: storableText(200).optional() }))
      .min(1)
      .max(MOST_UNITS),
    by: z
      .enum(['hash', 'strata'])
      .default('hash')
      .describe(
        '`hash`: each alone, the same whoever else there is. `strata`: dealt in blocks, once, for all of them, as a campaign with `stratifyBy` does.',
      ),
  })
  .superRefine((body, at) => {
    for (const [name, keys] of [
      ['arms', body.arms.map(({ key }) => key)],
      ['units', body.units.map(({ id }) => id)],
    ] as const) {
      const seen = new Set<string>();
      keys.forEach((key, i) => {
        if (seen.has(key))
          at.addIssue({
            code: 'custom',
            message: 'is there twice',
            path: [name, i, name === 'arms' ? 'key' : 'id'],
          });
        seen.add(key);
      });
    }
  })
  .meta({
    examples: [
      {
        salt: 'spring-2026',
        arms: [{ key: 'a' }, { key: 'b' }],
        units: [
          { id: '1', stratum: '75' },
          { id: '2', stratum: '75' },
        ],
        by: 'strata',
      },
    ],
  });

export const assignedSchema = z.object({
  items: list(z.object({ id: z.string(), arm: z.string(), hash: z.number() })),
  counts: z.record(z.string(), z.number()),
});
