import { createDeliveryActivities, createSendingTools } from '../../activities/delivery';
import type { DeliveryDeps, Message } from '../../activities/delivery/deps';
import { createLinkSigner } from '../../adapters/links/signer';
import { createLinkUrls } from '../../adapters/links/urls';
import type { Brand } from '../../domain/creatives/ports';
import type {
  EmailSender,
  OutgoingByChannel,
  OutgoingEmail,
  Sender,
  SendOutcome,
  Senders,
} from '../../domain/delivery/ports';
import type { Channel } from '../../domain/shared/words';
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
      .replace('[[unsubscribe]]', () => urls.unsubscribeUrl)
      .replace('[[pixel]]', urls.pixelUrl === null ? '' : `<img src="${urls.pixelUrl}" alt="">`);
  return { subject: creative.subject, html: fill(creative.html), text: fill(creative.text) };
};

/** Of one channel: answers what `behave` says and keeps what it was handed. */
export function fakeChannel<C extends Channel>(
  behave: (message: OutgoingByChannel[C], nth: number) => SendOutcome | Promise<SendOutcome> = () => ({
    kind: 'accepted',
    providerId: 'fake',
  }),
  options: { readonly connections?: number; readonly idempotent?: boolean } = {},
): Sender<C> & { readonly handed: OutgoingByChannel[C][] } {
  const handed: OutgoingByChannel[C][] = [];
  return {
    connections: options.connections ?? 8,
    idempotent: options.idempotent ?? false,
    handed,
    send: async (message) => {
      handed.push(message);
      return behave(message, handed.length);
    },
    close: () => Promise.resolve(),
  };
}

/** Answers what `behave` says. */
export const fakeSender = (
  behave?: (email: OutgoingEmail, nth: number) => SendOutcome | Promise<SendOutcome>,
  connections = 8,
): Sender<'email'> & { readonly handed: OutgoingEmail[] } => fakeChannel<'email'>(behave, { connections });

/** Every channel takes what it is handed, but for those given. */
export const fakeSenders = (given: Partial<Senders>): Senders => ({
  email: fakeChannel(),
  sms: fakeChannel(),
  push: fakeChannel(),
  'in-app': fakeChannel(),
  letter: fakeChannel(),
  'e-letter': fakeChannel(),
  ...given,
});

/** The real activities over a real store, with a sender and a creative source of the test's own. */
export function deliveryBench(
  db: Db,
  campaign: SeededCampaign | readonly SeededCampaign[],
  /** Of e-mail; or one for each channel the test is about. */
  sender: EmailSender | Partial<Senders>,
  more: Partial<DeliveryDeps> = {},
) {
  const campaigns = Array.isArray(campaign) ? campaign : [campaign];
  const store = createDeliveryStore(db);
  const signer = createLinkSigner('a secret only for the tests');
  const deps: DeliveryDeps = {
    store,
    senders: fakeSenders('send' in sender ? { email: sender } : sender),
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
  };
  const tools = createSendingTools(deps);
  return { activities: createDeliveryActivities(deps, tools), store, signer, deps, tools };
}

export const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString();
export const ALL_BUCKETS = { from: 0, to: 10_000 };

/**
 * What changes while a batch is on the wire: from the n-th message on nobody is answered before it is so, however quick the
 * other connections are.
 */
export function fromNth(n: number, change: () => Promise<unknown>): (nth: number) => Promise<void> {
  let changing: Promise<unknown> | undefined;
  return async (nth) => {
    if (nth >= n) await (changing ??= change());
  };
}
