import { z } from 'zod';
import { CHANNELS, NATURES } from '../shared/words';

/** At most `limit` contacts of one nature per person within a rolling window. */
export const capRuleSchema = z.strictObject({
  nature: z.enum(NATURES),
  /** Left out: contacts on every channel count, and every channel is held to it. */
  channel: z.enum(CHANNELS).optional(),
  /** Left out: contacts of the whole company count. */
  department: z.string().min(1).max(63).optional(),
  limit: z.number().int().min(1),
  /** Rolling, of 24 hours each. */
  windowDays: z.number().positive().max(400),
});

export const capsSchema = z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/), capRuleSchema);

export type CapRule = z.infer<typeof capRuleSchema>;
/** By the key that the ledger's reasons name (`cap:<key>`). */
export type CapRules = Readonly<Record<string, CapRule>>;
