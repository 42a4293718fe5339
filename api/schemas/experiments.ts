import { z } from 'zod';
import { storableText } from '../../domain/shared/text';
import { armKey, MOST_ARMS, people } from './arms';

const MOST_VALUES = 100_000;
/** Of one person, as in a file of a finished test: sums of squares of more leave what a number can hold. */
const MOST_AMOUNT = 1e15;
const amount = z.number().min(-MOST_AMOUNT).max(MOST_AMOUNT);

const factors = z.record(z.string().max(60), z.string().max(60));

/** What was counted in one arm, in one of three forms. */
const shareArm = z
  .strictObject({
    key: armKey,
    label: z.string().max(120).optional(),
    n: people,
    successes: people,
    factors: factors.optional(),
    missing: people.optional(),
  })
  .refine((arm) => arm.successes <= arm.n, { message: 'more than n', path: ['successes'] });
const sumsArm = z
  .strictObject({
    key: armKey,
    label: z.string().max(120).optional(),
    n: people,
    sum: z.number(),
    sumOfSquares: z.number().min(0),
    missing: people.optional(),
  })
  .refine((arm) => arm.sumOfSquares <= arm.n * MOST_AMOUNT ** 2, {
    message: `more than ${MOST_AMOUNT} a person, squared`,
    path: ['sumOfSquares'],
  })
  .refine((arm) => arm.sumOfSquares * arm.n >= arm.sum * arm.sum * (1 - 1e-9), {
    message: 'smaller than any amounts with this sum can have',
    path: ['sumOfSquares'],
  });
const valuesArm = z
  .strictObject({
    key: armKey,
    label: z.string().max(120).optional(),
    values: z.array(amount).min(1).max(MOST_VALUES),
    covariate: z.array(amount).max(MOST_VALUES).optional(),
    missing: people.optional(),
  })
  .refine((arm) => arm.covariate === undefined || arm.covariate.length === arm.values.length, {
    message: 'is not as long as values',
    path: ['covariate'],
  });

export const armCountsSchema = z.union([shareArm, sumsArm, valuesArm], {
  error: 'one of {key, n, successes}, {key, n, sum, sumOfSquares} and {key, values, covariate?}',
});
export type ArmCounts = z.infer<typeof armCountsSchema>;

const weights = z.record(z.string(), z.number().positive().max(1e6));

const count = z.strictObject({ key: armKey, n: people, events: people });

const planTerms = z.strictObject({
  alpha: z.number().gt(0).max(0.5).default(0.05),
  power: z.number().gt(0).lt(1).default(0.8),
  minPerArm: z.int().min(1).max(1e9).default(1_000).describe('Fewer people in an arm are not judged.'),
  plannedPerArm: z.int().min(1).max(1e12).optional().describe('People the smallest arm was sized with.'),
  look: z
    .enum(['early', 'final'])
    .default('final')
    .describe('`early`: more is to come; only what holds at every look may end the test.'),
  earlyLooks: z.boolean().default(false).describe('Early looks were planned: they share alpha with the end.'),
  winsoriseAt: z.number().min(0.5).max(1).optional().describe('Quantile above which amounts count as it.'),
  cuped: z.boolean().default(false).describe('Takes out what the covariate foretold.'),
  bayes: z.boolean().default(false),
});

export const evaluateBody = z
  .strictObject({
    metric: storableText(60).min(1).default('outcome'),
    direction: z.enum(['increase', 'decrease']).default('increase'),
    arms: z.array(armCountsSchema).min(1).max(MOST_ARMS),
    control: armKey
      .optional()
      .describe('Whom the others are compared with; left out, the baseline, else the first.'),
    baseline: armKey.optional(),
    design: z
      .strictObject({
        weights: weights.optional().describe('By arm; left out, equal.'),
        assigned: z.record(z.string(), people).optional().describe('Everybody dealt to each arm.'),
        exposedTwice: people.optional().describe('People who got more than one arm.'),
      })
      .prefault({}),
    plan: planTerms.prefault({}),
    guardrails: z
      .array(
        z.strictObject({
          metric: storableText(60).min(1),
          limit: z.number().gt(0).lt(1),
          arms: z.array(count).min(1).max(MOST_ARMS),
          against: armKey.optional().describe('An arm that was sent too, which none may be worse than.'),
        }),
      )
      .max(20)
      .default([]),
    subPopulations: z
      .array(
        z.strictObject({
          name: storableText(60).min(1),
          declared: z.boolean().default(false).describe('Said before anything was sent.'),
          groups: z
            .array(z.strictObject({ key: armKey, arms: z.array(count).min(1).max(MOST_ARMS) }))
            .min(1)
            .max(200),
        }),
      )
      .max(20)
      .default([]),
    concurrent: z
      .array(
        z.strictObject({
          test: storableText(60).min(1),
          cells: z
            .array(
              z
                .strictObject({ arm: armKey, otherArm: armKey, n: people, successes: people })
                .refine((cell) => cell.successes <= cell.n, { message: 'more than n', path: ['successes'] }),
            )
            .min(1)
            .max(MOST_ARMS * MOST_ARMS),
        }),
      )
      .max(20)
      .default([])
      .describe('Other tests that shared people with this one: how many, by their arms in both.'),
    worth: z
      .strictObject({
        centsPerUnit: z
          .number()
          .min(0)
          .max(MOST_AMOUNT)
          .describe('Cents an event is worth, or a unit of the amount.'),
        centsPerPerson: z.record(z.string(), z.number().min(0).max(MOST_AMOUNT)).default({}),
      })
      .optional(),
  })
  .superRefine((body, at) => {
    const keys = body.arms.map((arm) => arm.key);
    const known = (key: string | undefined, path: (string | number)[]): void => {
      if (key !== undefined && !keys.includes(key))
        at.addIssue({ code: 'custom', message: 'is no arm', path });
    };
    body.arms.forEach((arm, i) => {
      if (keys.indexOf(arm.key) !== i)
        at.addIssue({ code: 'custom', message: 'is there twice', path: ['arms', i, 'key'] });
      if ('successes' in arm !== 'successes' in (body.arms[0] ?? arm))
        at.addIssue({ code: 'custom', message: 'shares and amounts are not mixed', path: ['arms', i] });
    });
    known(body.control, ['control']);
    known(body.baseline, ['baseline']);
    for (const key of Object.keys(body.design.weights ?? {})) known(key, ['design', 'weights', key]);
    for (const key of Object.keys(body.design.assigned ?? {})) known(key, ['design', 'assigned', key]);
    for (const key of Object.keys(body.worth?.centsPerPerson ?? {}))
      known(key, ['worth', 'centsPerPerson', key]);
    if (body.design.weights !== undefined)
      keys.forEach((key, i) => {
        if (!Object.hasOwn(body.design.weights ?? {}, key))
          at.addIssue({ code: 'custom', message: 'has no weight', path: ['arms', i, 'key'] });
      });
    body.concurrent.forEach(({ cells }, i) => {
      const seen = new Set<string>();
      cells.forEach(({ arm, otherArm }, j) => {
        const path = ['concurrent', i, 'cells', j];
        known(arm, [...path, 'arm']);
        const pair = JSON.stringify([arm, otherArm]);
        if (seen.has(pair))
          at.addIssue({ code: 'custom', message: 'is there twice', path: [...path, 'otherArm'] });
        seen.add(pair);
      });
    });
    body.guardrails.forEach((one, i) => {
      known(one.against, ['guardrails', i, 'against']);
      one.arms.forEach((arm, j) => {
        known(arm.key, ['guardrails', i, 'arms', j, 'key']);
        if (arm.events > arm.n)
          at.addIssue({
            code: 'custom',
            message: 'more than n',
            path: ['guardrails', i, 'arms', j, 'events'],
          });
      });
    });
    body.subPopulations.forEach((one, i) =>
      one.groups.forEach((group, j) =>
        group.arms.forEach((arm, k) => {
          const path = ['subPopulations', i, 'groups', j, 'arms', k];
          known(arm.key, [...path, 'key']);
          if (arm.events > arm.n)
            at.addIssue({ code: 'custom', message: 'more than n', path: [...path, 'events'] });
        }),
      ),
    );
  })
  .meta({
    examples: [
      {
        metric: 'visit',
        control: 'none',
        arms: [
          { key: 'none', n: 21306, successes: 2262 },
          { key: 'mens', n: 21307, successes: 3894 },
          { key: 'womens', n: 21387, successes: 3238 },
        ],
        guardrails: [{ metric: 'unsubscribe', limit: 0.005, arms: [{ key: 'mens', n: 21307, events: 41 }] }],
      },
    ],
  });
export type EvaluateBody = z.infer<typeof evaluateBody>;
