import { createDeliveryActivities } from '../../activities/delivery';
import type { DeliveryDeps, Message } from '../../activities/delivery/deps';
import { createLinkSigner } from '../../adapters/links/signer';
import { createLinkUrls } from '../../adapters/links/urls';
import type { Brand } from '../../domain/creatives/ports';
import type { EmailSender, OutgoingEmail, SendOutcome } from '../../domain/delivery/ports';
import type { Db } from '../../store/db';
import { createDeliveryStore } from '../../store/delivery-store';
import type { SeededCampaign } from './seed-campaign';

export const SEED_BRAND: Brand = {
  key: 'maison-lumen',
  name: 'Maison Lumen',
  sender: { name: 'Maison Lumen', address: 'bonjour@lumen.example.test' },
  colours: {
    primary: '#111111',
    onPrimary: '#ffffff',
    background: '#ffffff',
    text: '#111111',
    muted: '#555555',
  },
  logoSvg: '<svg xmlns="http://www.w3.org/2000/svg"/>',
  legalText: 'Maison Lumen SA',
  address: '1 rue de la Paix, 75002 Paris',
  privacyUrl: 'https://example.test/vie-privee',
};

/** Fills the places `seedCampaign` leaves in its creatives: [[0]], [[unsubscribe]], [[pixel]]. */
export const fillSeed: DeliveryDeps['compile'] = (creative: Message) => (_person, urls) => {
  const fill = (text: string): string =>
    text
      .replace(/\[\[(\d+)\]\]/g, (_, index: string) => urls.links[Number(index)] ?? 'none')
      .replace('[[unsubscribe]]', urls.unsubscribeUrl)
      .replace('[[pixel]]', urls.pixelUrl === null ? '' : `<img src="${urls.pixelUrl}" alt="">`);
  return { subject: creative.subject, html: fill(creative.html), text: fill(creative.text) };
};

export interface FakeSender extends EmailSender {
  /** Every hand-over, in order, by delivery id. */
  readonly handed: OutgoingEmail[];
}

/** Answers what `behave` says, after `delayMs`. */
export function fakeSender(
  behave: (email: OutgoingEmail, nth: number) => SendOutcome | Promise<SendOutcome> = () => ({
    kind: 'accepted',
    providerId: 'fake',
  }),
  connections = 8,
): FakeSender {
  const handed: OutgoingEmail[] = [];
  return {
    connections,
    idempotent: false,
    handed,
    send: async (email) => {
      handed.push(email);
      return behave(email, handed.length);
    },
    close: () => Promise.resolve(),
  };
}

/** The real activities over a real store, with a sender and a creative source of the test's own. */
export function deliveryBench(
  db: Db,
  campaign: SeededCampaign | readonly SeededCampaign[],
  sender: EmailSender,
  more: Partial<DeliveryDeps> = {},
) {
  const campaigns = Array.isArray(campaign) ? campaign : [campaign];
  const store = createDeliveryStore(db);
  const signer = createLinkSigner('a secret only for the tests');
  const activities = createDeliveryActivities({
    store,
    sender,
    creatives: {
      forSending: (campaignId) =>
        Promise.resolve(campaigns.find((c) => c.campaignId === campaignId)?.creatives ?? []),
    },
    compile: fillSeed,
    brandOf: () => SEED_BRAND,
    urls: createLinkUrls(signer, 'http://127.0.0.1:8080'),
    heartbeat: () => {},
    cancelled: () => false,
    ...more,
  });
  return { activities, store, signer };
}

export const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();
export const ALL_BUCKETS = { from: 0, to: 10_000 };
