import { createLinkSigner } from '../../adapters/links/signer';
import { targetingPolicy } from '../../config/policies/targeting';
import { loadTopics } from '../../config/policies/topics';
import { createCampaignSchedulesStore } from '../../store/campaign-schedules-store';
import { createCampaignsReadStore } from '../../store/campaigns-read-store';
import { createCreativesStore } from '../../store/creatives-store';
import { createIdempotencyStore } from '../../store/idempotency-store';
import { createProfilesStore } from '../../store/profiles-store';
import { createMessagesStore } from '../../store/messages-store';
import { resolveProfileRefs } from '../../store/profile-refs';
import { createTrackingStore } from '../../store/tracking-store';
import type { ApiDeps } from '../app';
import type { ProfileRef } from '../../domain/events/event';

/** What more than one area stands on: each is made once. */
export function createShared(deps: ApiDeps) {
  const { db, brands, settings } = deps;
  const topics = loadTopics();
  return {
    ...deps,
    topics,
    /** What a scenario may name. */
    named: {
      brands: new Set(brands.keys()),
      topics: new Set(topics.map(({ key }) => key)),
      targeting: targetingPolicy(),
    },
    campaigns: createCampaignsReadStore(db.app),
    schedules: createCampaignSchedulesStore(db.app),
    creatives: createCreativesStore(db.app),
    profiles: createProfilesStore(db, settings.pepper),
    messages: createMessagesStore(db),
    idempotency: createIdempotencyStore(db.app),
    signer: createLinkSigner(settings.linkSecret),
    tracking: createTrackingStore(
      db.app,
      settings.scannerSeconds === undefined ? {} : { scannerSeconds: settings.scannerSeconds },
    ),
    /** The profile somebody means; null: nobody is known by it. */
    resolve: async (ref: ProfileRef): Promise<number | null> =>
      (await resolveProfileRefs(db.app, settings.pepper, [ref]))[0] ?? null,
  };
}

export type Shared = ReturnType<typeof createShared>;
