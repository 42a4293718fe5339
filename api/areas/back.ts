import { emailFingerprint } from '../../store/fingerprint';
import { createProviderEventsStore } from '../../store/provider-events-store';
import { createSmsRepliesStore } from '../../store/sms-replies-store';
import type { App } from '../types';
import { letterWebhooksRoutes } from '../routes/letter-webhooks';
import { providerWebhooksRoutes } from '../routes/provider-webhooks';
import { smsWebhooksRoutes } from '../routes/sms-webhooks';
import { trackingRoutes } from '../routes/tracking';
import type { Shared } from './shared';

/** What comes back: clicks and opens, and what the carriers of each channel tell. */
export async function back(app: App, shared: Shared): Promise<void> {
  const { db, settings, brands, signer, tracking } = shared;
  const { pepper, publicUrl } = settings;
  trackingRoutes(app, { signer, tracking });
  await providerWebhooksRoutes(app, {
    provider: createProviderEventsStore(db.app, ['email']),
    secret: settings.providerWebhookSecret,
    bounceSecret: settings.bounceWebhookSecret,
    find: { signer, fingerprint: (address) => emailFingerprint(pepper, address) },
  });
  await smsWebhooksRoutes(app, {
    reports: createProviderEventsStore(db.app, ['sms']),
    replies: createSmsRepliesStore(db.app, pepper),
    brands,
    publicUrl,
    secret: settings.smsWebhookSecret,
    twilioAuthToken: settings.twilioAuthToken,
  });
  await letterWebhooksRoutes(app, {
    reports: createProviderEventsStore(db.app, ['letter', 'e-letter']),
    secret: settings.letterWebhookSecret,
  });
}
