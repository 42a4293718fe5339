import type { Channel } from '../../domain/shared/words';
import type { ClaimedDelivery } from '../../store/delivery/claim';
import type { ClaimedMessages, MessagesInput } from '../../store/delivery/claim-messages';
import type { ShardSession } from '../../store/delivery-store';
import { createComposers } from './compose';
import type { DeliveryDeps } from './deps';
import type { DomainPlaces } from './domain-places';
import type { Stop } from './send-batch';
import { sendClaimed, type SendingTools } from './send-claimed';

/** What the lane of service messages sends with: tools of its own, so that no campaign holds its connections. */
export interface MessageLaneDeps {
  readonly deps: Omit<DeliveryDeps, 'heartbeat'>;
  readonly tools: SendingTools;
}

/** A campaign whose messages the lane may look at. */
export interface OpenCampaign {
  readonly channels: readonly Channel[];
  /**
   * Takes messages through the gate. The function it answers hands one of them over; nothing that was claimed waits for
   * another.
   */
  claim(input: Pick<MessagesInput, 'limit' | 'told' | 'after'>): Promise<ClaimedForLane>;
}

export interface ClaimedForLane extends ClaimedMessages {
  send(delivery: ClaimedDelivery, places: DomainPlaces): Promise<Stop | null>;
}

/** Settles what a lane that died left of a campaign's messages; once after the lock is taken, before anything else. */
export async function reclaimMessages(
  { deps }: MessageLaneDeps,
  session: ShardSession,
  campaignId: string,
): Promise<void> {
  const { channels } = await deps.store.laneTerms(campaignId);
  const idempotent = channels.filter((channel) => deps.senders[channel].idempotent);
  await deps.store.reclaimMessages(session, campaignId, idempotent);
}

/** Throws `not-found`. */
export async function openCampaign(
  { deps, tools }: MessageLaneDeps,
  session: ShardSession,
  campaignId: string,
): Promise<OpenCampaign> {
  const { store } = deps;
  const terms = await store.laneTerms(campaignId);
  return {
    channels: terms.channels,
    claim: async (input) => {
      const [creatives, messages] = await Promise.all([
        deps.creatives.forSending(campaignId, terms.step),
        store.messageTerms(campaignId),
      ]);
      const composers = createComposers(deps, terms, messages, await deps.brandOf(terms.brand), creatives);
      const claimed = await store.claimMessages(session, { ...input, terms, creatives });
      return {
        ...claimed,
        send: (delivery, service) =>
          sendClaimed(
            {
              ...tools,
              session,
              terms,
              messages,
              composers,
              service,
              wish: () => (deps.cancelled() ? 'cancelled' : null),
              onHandedOver: () => {},
            },
            [delivery],
          ),
      };
    },
  };
}
