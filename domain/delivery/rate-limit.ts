import { z } from 'zod';
import { CHANNELS } from '../shared/words';

/** A token bucket: of a channel's provider as a whole, or of one recipient domain. */
export const rateLimitSchema = z.strictObject({
  channel: z.enum(CHANNELS),
  /** Left out: everything the provider is handed. */
  domain: z.string().min(3).max(253).toLowerCase().optional(),
  perSecond: z.number().positive().max(1_000_000),
  /** Most that may go at once after a rest. */
  burst: z.number().int().min(1).max(1_000_000),
});

export type RateLimit = z.infer<typeof rateLimitSchema>;

/** The bucket a limit fills: `provider:<channel>` or `domain:<domain>`. */
export const bucketKey = (limit: Pick<RateLimit, 'channel' | 'domain'>): string =>
  limit.domain === undefined ? `provider:${limit.channel}` : `domain:${limit.domain}`;
