import { setTimeout as sleep } from 'node:timers/promises';
import { createSendingTools } from '../../activities/delivery';
import type { DeliveryDeps } from '../../activities/delivery/deps';
import { createLinkSigner } from '../../adapters/links/signer';
import { createLinkUrls } from '../../adapters/links/urls';
import type { Senders } from '../../domain/delivery/ports';
import type { Db } from '../../store/db';
import { createDeliveryStore } from '../../store/delivery-store';
import { createMessagesStore, type MessageStanding } from '../../store/messages-store';
import { runMessageLane } from '../../worker/message-lane';
import { fakeSenders, fillSeed, SEED_BRAND } from './delivery-bench';
import { seedCampaign, type SeededCampaign } from './seed-campaign';

/** An approved triggered campaign: its people are there, and nobody is in an audience. */
export async function openTriggered(
  db: Db,
  campaignId: string,
  people: number | readonly number[] = 3,
): Promise<SeededCampaign> {
  const campaign = await seedCampaign(db, {
    campaignId,
    people,
    nature: 'service',
    part: 'rollout',
    scenario: { kind: 'triggered', triggered: { periodSeconds: 3_600 } },
  });
  await db.app`update campaigns set approved_hash = 'h', stage = 'rollout' where id = ${campaignId}`;
  await db.app`insert into campaign_stages (campaign_id, stage) values (${campaignId}, 'rollout')`;
  await db.app`delete from audience_members where campaign_id = ${campaignId}`;
  return campaign;
}

export interface LaneSetting {
  readonly campaigns: readonly SeededCampaign[];
  readonly senders: Partial<Senders>;
  readonly more?: Partial<DeliveryDeps>;
  /** How long a message may wait whose wake-up was lost. */
  readonly restMs?: number;
}

/** A lane as a worker runs it, with providers of the caller's own. `broken`: campaigns somebody was called for. */
export function startLane(db: Db, { campaigns, senders, more = {}, restMs = 50 }: LaneSetting) {
  const stopping = new AbortController();
  const broken: string[] = [];
  const warnings: unknown[] = [];
  const deps: DeliveryDeps = {
    store: createDeliveryStore(db),
    senders: fakeSenders(senders),
    creatives: {
      forSending: (campaignId) =>
        Promise.resolve(campaigns.find((c) => c.campaignId === campaignId)?.creatives ?? []),
    },
    compile: fillSeed,
    brandOf: () => SEED_BRAND,
    urls: createLinkUrls(createLinkSigner('a secret only for the tests'), 'http://127.0.0.1:8080'),
    heartbeat: () => {},
    cancelled: () => stopping.signal.aborted,
    ...more,
  };
  const running = runMessageLane({
    deps,
    tools: createSendingTools(deps),
    messages: createMessagesStore(db),
    log: { warn: (fields: unknown) => void warnings.push(fields) },
    onBreaker: async (campaignId) => void broken.push(campaignId),
    signal: stopping.signal,
    restMs,
  });
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  return { broken, warnings, stop };
}

export const askMessage = (
  db: Db,
  { campaignId, profileIds }: SeededCampaign,
  person: number,
  more: { readonly by?: string; readonly deadlineSeconds?: number } = {},
): Promise<{ messageId: string }> =>
  createMessagesStore(db).create({
    campaignId,
    profileId: profileIds[person] ?? 0,
    values: {},
    by: 'shop',
    ...more,
  });

/** Where a message ended. Throws after eight seconds. */
export async function whenSettled(db: Db, messageId: string): Promise<MessageStanding['delivery']> {
  const store = createMessagesStore(db);
  for (const giveUp = Date.now() + 8_000; Date.now() < giveUp; await sleep(10)) {
    const standing = await store.standing(messageId);
    const state = standing?.delivery?.state ?? 'none';
    if (['accepted', 'failed', 'skipped', 'uncertain'].includes(state)) return standing?.delivery ?? null;
  }
  throw new Error(`message ${messageId} was not settled`);
}
