import { z } from 'zod';
import { CHANNELS, FORMATS, NATURES, RECIPIENT_TYPES } from '../shared/words';

/**
 * At most `limit` contacts per person within a window; whatever is left out, every value of it counts and is held to
 * it. `limit` 0 lets nobody through; null lifts the rule without deleting it.
 */
export const capRuleSchema = z
  .strictObject({
    nature: z.enum(NATURES),
    channel: z.enum(CHANNELS).optional(),
    department: z.string().min(1).max(63).optional(),
    format: z.enum(FORMATS).optional(),
    /** Only people who are this to the company are held to it. */
    recipientType: z.enum(RECIPIENT_TYPES).optional(),
    /** Only people of this segment are held to it. */
    segment: z.string().min(1).max(63).optional(),
    limit: z.number().int().min(0).nullable(),
    /** Rolling, of 24 hours each. */
    windowDays: z.number().positive().max(400).optional(),
    /** Days, weeks (from Monday) or months as the person's own calendar has them. */
    calendar: z.enum(['day', 'week', 'month']).optional(),
  })
  .refine((rule) => (rule.windowDays === undefined) !== (rule.calendar === undefined), {
    message: 'either windowDays or calendar',
    path: ['windowDays'],
  });

export const capsSchema = z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/), capRuleSchema);

export type CapRule = z.infer<typeof capRuleSchema>;
/** By the key that the ledger's reasons name (`cap:<key>`). */
export type CapRules = Readonly<Record<string, CapRule>>;
