import { createConsentIntakeStore } from '../../store/consent-intake-store';
import { createConsentRequestsStore } from '../../store/consent-requests-store';
import { createConsentStore } from '../../store/consent-store';
import { createPreferencePageStore } from '../../store/preference-page-store';
import { createPreferencesStore } from '../../store/preferences-store';
import { createSuppressionsStore } from '../../store/suppressions-store';
import type { App } from '../types';
import { confirmRoutes } from '../routes/confirm';
import { consentRequestsRoutes } from '../routes/consent-requests';
import { consentWebhooksRoutes } from '../routes/consent-webhooks';
import { consentsRoutes } from '../routes/consents';
import { objectionsRoutes } from '../routes/objections';
import { preferencePageRoutes } from '../routes/preference-page';
import { preferencesRoutes } from '../routes/preferences';
import { suppressionsRoutes } from '../routes/suppressions';
import { unsubscribeRoutes } from '../routes/unsubscribe';
import type { Shared } from './shared';

/** What people want and do not want, by every way they say it. */
export async function consent(app: App, shared: Shared): Promise<void> {
  const { db, settings, brands, topics, named, signer, tracking, idempotency } = shared;
  const { pepper, publicUrl, consentWebhookSecret } = settings;
  const consents = createConsentStore(db.app);
  const intake = createConsentIntakeStore(db.app, pepper);
  const requests = createConsentRequestsStore(db.app);
  consentsRoutes(app, { consents, intake });
  objectionsRoutes(app, { consents, brands: named.brands });
  consentRequestsRoutes(app, {
    requests,
    messages: shared.messages,
    resolve: shared.resolve,
    brands: named.brands,
    publicUrl,
  });
  await confirmRoutes(app, { requests, brands });
  await consentWebhooksRoutes(app, { intake, secret: consentWebhookSecret });
  await unsubscribeRoutes(app, { signer, tracking, brands });
  await preferencePageRoutes(app, { signer, pages: createPreferencePageStore(db.app), brands, topics });
  preferencesRoutes(app, { preferences: createPreferencesStore(db.app), topics });
  await suppressionsRoutes(app, { suppressions: createSuppressionsStore(db.app, pepper), idempotency });
}
