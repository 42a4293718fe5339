import { z } from 'zod';
import { currencySchema, MOST_UNITS } from '../shared/money';
import { storableText } from '../shared/text';
import { plausibleInstant } from '../shared/time';

const text = (max: number): z.ZodString => storableText(max).min(1);

export const profileRefSchema = z.union([
  z.strictObject({ id: z.number().int().positive() }),
  z.strictObject({ customerKey: text(500) }),
  z.strictObject({ email: text(500) }),
  z.strictObject({ phone: text(60) }),
]);

/** Whom something is about, by whichever key the caller knows. A phone without its country is a French one. */
export type ProfileRef = z.infer<typeof profileRefSchema>;

/** Something a profile did. `id` is the sender's: the same one twice is one event. */
export const eventSchema = z
  .strictObject({
    id: text(200),
    type: text(60),
    at: plausibleInstant,
    profile: profileRefSchema,
    valueCents: z
      .number()
      .int()
      .min(-MOST_UNITS)
      .max(MOST_UNITS)
      .optional()
      .describe('In minor units of the currency.'),
    currency: currencySchema.optional().describe('EUR where it is left out.'),
    value: z
      .strictObject({ amount: text(40), currency: currencySchema.optional() })
      .optional()
      .describe('Instead of valueCents: the amount as it is written, such as 1 234,50.'),
    properties: z.record(text(60), z.union([storableText(500), z.number(), z.boolean()])).optional(),
  })
  .refine((event) => event.value === undefined || event.valueCents === undefined, {
    message: 'either value or valueCents',
    path: ['value'],
  });

export type EventInput = z.infer<typeof eventSchema>;

/** Most events one call takes; they are written in one transaction. */
export const EVENTS_MAX = 1_000;
