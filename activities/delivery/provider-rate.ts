import { keptForService, type RateLimit } from '../../domain/delivery/rate-limit';
import type { DeliveryStore } from '../../store/delivery-store';

/** What a provider may be handed now; the bucket is shared by every worker. */
export interface ProviderRate {
  /** How many of `wanted` may go. Asks the bucket for a second's worth at a time. */
  allow(wanted: number): Promise<number>;
  /** That many of those allowed went. */
  went(messages: number): void;
  /** How long until the next token, milliseconds. */
  readonly waitMs: number;
}

/** For campaigns, or for service messages, which may take the last tokens too. null: nobody limited this provider. */
export function createProviderRate(
  store: Pick<DeliveryStore, 'takeTokens'>,
  limit: RateLimit | undefined,
  service: boolean,
): ProviderRate | null {
  if (limit === undefined) return null;
  const leave = service ? 0 : keptForService(limit);
  let tokens = 0;
  return {
    allow: async (wanted) => {
      if (tokens === 0 && wanted > 0) {
        const worth = Math.max(1, Math.ceil(limit.perSecond));
        const [taken = 0] = await store.takeTokens([{ limit, wanted: Math.min(wanted, worth), leave }]);
        tokens = taken;
      }
      return Math.min(tokens, wanted);
    },
    went: (messages) => {
      tokens -= messages;
    },
    waitMs: Math.max(20, Math.min(1_000, 1_000 / limit.perSecond)),
  };
}
