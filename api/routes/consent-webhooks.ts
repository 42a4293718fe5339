import { z } from 'zod';
import { CONSENT_PLATFORM, CONSENTS_MAX, platformConsentSchema } from '../../domain/consent/consent-input';
import type { ConsentIntakeStore } from '../../store/consent-intake-store';
import { takeConsents } from '../consent-batch';
import { signedJson, takeRaw } from '../signed-webhook';
import type { App } from '../types';

export interface ConsentWebhooksDeps {
  readonly intake: ConsentIntakeStore;
  /** Left out, every call is refused: nothing unsigned is ever taken. */
  readonly secret: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A thousand consents with words of the usual length. */
const BODY_LIMIT_BYTES = 8 << 20;
const body = z.strictObject({ events: z.array(z.unknown()).min(1).max(CONSENTS_MAX) });
const withId = z.object({ id: z.string() });

/**
 * What a consent platform tells: `POST /webhooks/consents`, signed with CONSENT_WEBHOOK_SECRET. Each event once by its
 * id, in any order. 200 with how many were new and known, the ids that are about nobody we know, and those that do not
 * fit: those are not worth sending again.
 */
export async function consentWebhooksRoutes(app: App, deps: ConsentWebhooksDeps): Promise<void> {
  const { intake, secret, now = Date.now } = deps;
  await app.register(async (scope) => {
    takeRaw(scope, 'application/json', BODY_LIMIT_BYTES);
    scope.post('/webhooks/consents', { schema: { hide: true } }, async (request) => {
      const { events } = signedJson(request, secret, now(), body);
      const { accepted, duplicates, rejected } = await takeConsents(intake, events, CONSENT_PLATFORM, {
        base: '/events',
        schema: platformConsentSchema,
      });
      const unknown = rejected.filter(({ code }) => code === 'profile-unknown');
      return {
        accepted,
        duplicates,
        unknown: unknown.map(({ index }) => withId.parse(events[index]).id),
        rejected: rejected.filter(({ code }) => code !== 'profile-unknown'),
      };
    });
  });
}
