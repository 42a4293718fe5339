import type {} from '@fastify/swagger';
import { z } from 'zod';
import { LETTER_PROOFS } from '../../domain/delivery/provider-event';
import { EVENTS_MAX, eventSchema } from '../../domain/events/event';
import type { ProviderEventsStore } from '../../store/provider-events-store';
import { PROVIDER_ID, signedJson, takeRaw, tally } from '../signed-webhook';
import type { App } from '../types';

export interface LetterWebhooksDeps {
  readonly reports: Pick<ProviderEventsStore, 'record'>;
  readonly secret: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const proofsBody = z.strictObject({
  events: z
    .array(
      z.strictObject({
        type: z.enum(LETTER_PROOFS),
        deliveryId: z.int().positive(),
        at: eventSchema.shape.at,
        id: z.string().regex(PROVIDER_ID, '1 to 200 visible ASCII characters'),
        /** The carrier's number of the letter, or where its proof is kept. */
        proof: z.string().regex(PROVIDER_ID, '1 to 200 visible ASCII characters').optional(),
      }),
    )
    .min(1)
    .max(EVENTS_MAX),
});

/**
 * Proofs of letters from the print shop, the post or a provider of electronic ones: `POST /webhooks/letters`, signed
 * with LETTER_WEBHOOK_SECRET. Each counts once, in whatever order they come; a refused or returned letter was sent all
 * the same, and its row stays accepted.
 */
export async function letterWebhooksRoutes(app: App, deps: LetterWebhooksDeps): Promise<void> {
  const { reports, secret, now = Date.now } = deps;
  await app.register(async (scope) => {
    takeRaw(scope, 'application/json');
    scope.post('/webhooks/letters', { schema: { hide: true } }, async (request) => {
      const { events } = signedJson(request, secret, now(), proofsBody);
      const told = await Promise.all(
        events.map(({ type, deliveryId, at, id, proof }) =>
          reports.record({
            id,
            at: new Date(at),
            ref: { deliveryId },
            happening: { kind: 'letter', what: type, proof: proof ?? null },
            by: 'webhook',
          }),
        ),
      );
      return tally(
        told,
        events.map((event) => event.deliveryId),
      );
    });
  });
}
