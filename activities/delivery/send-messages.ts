import type { ShardSession } from '../../store/delivery-store';
import { createComposers } from './compose';
import type { DeliveryDeps } from './deps';
import type { Stop } from './send-batch';
import { sendClaimed, type SendingTools } from './send-claimed';

const BATCH = 100;

/** What the lane of service messages sends with: tools of its own, so that no campaign holds its connections. */
export interface MessageLaneDeps {
  readonly deps: Omit<DeliveryDeps, 'heartbeat'>;
  readonly tools: SendingTools;
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

/** Sends a campaign's messages until none may be looked at now, or the provider fails. */
export async function sendMessages(
  { deps, tools }: MessageLaneDeps,
  session: ShardSession,
  campaignId: string,
): Promise<{ handed: number; stop: Stop | null }> {
  const { store } = deps;
  const terms = await store.laneTerms(campaignId);
  const [creatives, messages] = await Promise.all([
    deps.creatives.forSending(campaignId, terms.step),
    store.messageTerms(campaignId),
  ]);
  const composers = createComposers(deps, terms, messages, await deps.brandOf(terms.brand), creatives);
  let handed = 0;
  for (let looked = BATCH; looked === BATCH && !deps.cancelled();) {
    const claim = await store.claimMessages(session, { terms, limit: BATCH, creatives });
    looked = claim.looked;
    if (claim.claimed.length === 0) continue;
    const stop = await sendClaimed(
      {
        ...tools,
        session,
        terms,
        messages,
        composers,
        wish: () => (deps.cancelled() ? 'cancelled' : null),
        onHandedOver: (messages) => {
          handed += messages;
        },
      },
      claim.claimed,
    );
    if (stop !== null) return { handed, stop };
  }
  return { handed, stop: null };
}
