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
  /**
   * Share of the burst, in percent, that campaigns leave in the bucket for single service messages; left out, 10. It
   * slows no campaign down in the long run: what the lane does not take stays there, and every new token is theirs.
   */
  servicePercent: z.number().int().min(0).max(90).optional(),
});

export type RateLimit = z.infer<typeof rateLimitSchema>;

const SERVICE_PERCENT = 10;

/**
 * Tokens that only service messages may take: at least one, unless the share is 0 or the burst is 1, which leaves nothing
 * to divide. While fewer are left, everything the bucket gets is theirs.
 */
export const keptForService = ({
  burst,
  servicePercent = SERVICE_PERCENT,
}: Pick<RateLimit, 'burst' | 'servicePercent'>): number =>
  Math.min(burst - 1, Math.ceil((burst * servicePercent) / 100));

/** The bucket a limit fills: `provider:<channel>` or `domain:<domain>`. */
export const bucketKey = (limit: Pick<RateLimit, 'channel' | 'domain'>): string =>
  limit.domain === undefined ? `provider:${limit.channel}` : `domain:${limit.domain}`;
