import { z } from 'zod';
import { currencySchema } from '../shared/money';
import { storableText } from '../shared/text';

/**
 * How value is told in some markets: purchases in this currency count, and whoever has spent `fromCents` and more is of
 * that tier, the highest that fits. Without `markets` it is for those that no other one names.
 */
export const valuePolicySchema = z
  .strictObject({
    currency: currencySchema,
    markets: z.array(storableText(20).min(1)).min(1).max(50).optional(),
    tiers: z
      .array(z.strictObject({ tier: storableText(40).min(1), fromCents: z.int().min(0) }))
      .min(1)
      .max(20),
  })
  .superRefine(({ tiers }, ctx) => {
    for (const field of ['tier', 'fromCents'] as const)
      tiers.forEach((one, i) => {
        if (tiers.findIndex((other) => other[field] === one[field]) < i)
          ctx.addIssue({
            code: 'custom',
            path: ['tiers', i, field],
            message: 'another tier has this already',
          });
      });
  });
export type ValuePolicy = z.infer<typeof valuePolicySchema>;

/** The bands of RFM: fifths of a market's customers. */
export const RFM_BANDS = 5;
