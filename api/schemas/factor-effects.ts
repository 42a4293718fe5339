import { z } from 'zod';

const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const bounds = z.tuple([z.number(), z.number()]).readonly();

/** What each choice does that arms are made of. */
export const factorEffects = z.object({
  crossed: z.boolean().describe('Every combination was sent.'),
  effects: list(
    z.object({
      factor: z.string(),
      level: z.string(),
      against: z.string(),
      n: z.number(),
      rate: z.number(),
      difference: z.number().describe('Between people whose other choices are the same (Mantel–Haenszel).'),
      ci: bounds,
      p: z.number(),
      pAdjusted: z.number().describe('Holm, over every factor together.'),
      differs: z
        .number()
        .nullable()
        .describe('Whether the effect hangs on the other choices: p of Cochran’s Q, adjusted by Holm.'),
    }),
  ),
});
