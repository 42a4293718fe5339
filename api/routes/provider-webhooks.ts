import type { FastifyRequest } from 'fastify';
import type {} from '@fastify/swagger';
import { z } from 'zod';
import { verifyWebhook } from '../../adapters/webhooks/signature';
import { EVENTS_MAX, eventSchema } from '../../domain/events/event';
import { BoucleError } from '../../domain/shared/errors';
import type { TrackingStore } from '../../store/tracking-store';
import { parseAs } from '../parse';
import type { App } from '../types';

export interface ProviderWebhooksDeps {
  readonly tracking: Pick<TrackingStore, 'complaint'>;
  /** Left out, every call is refused: nothing unsigned is ever taken. */
  readonly secret: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const BODY_LIMIT_BYTES = 1 << 20;

const complaintsBody = z.strictObject({
  events: z
    .array(
      z.strictObject({
        type: z.literal('complaint'),
        deliveryId: z.int().positive(),
        at: eventSchema.shape.at,
        /** The provider's own, kept with the event so that the two can be compared. */
        id: z.string().regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 visible ASCII characters'),
      }),
    )
    .min(1)
    .max(EVENTS_MAX),
});

/**
 * What the mail provider, or whoever reads its feedback loops, tells us: `POST /webhooks/complaints`, signed with
 * PROVIDER_WEBHOOK_SECRET instead of an API key. A delivery is complained about once, however often it is told, so a
 * call whose answer was lost is sent again as it was. 200 with how many were new, known already, and of no delivery.
 */
export async function providerWebhooksRoutes(app: App, deps: ProviderWebhooksDeps): Promise<void> {
  const { tracking, secret, now = Date.now } = deps;
  await app.register(async (scope) => {
    // The signature is over the bytes, and nothing is parsed before it is checked.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => done(null, body),
    );
    scope.post('/webhooks/complaints', { schema: { hide: true } }, async (request) => {
      const body = signedBody(request, secret, Math.floor(now() / 1_000));
      const { events } = parseAs('invalid-request', 'The events do not fit.', complaintsBody, jsonOf(body));
      let accepted = 0;
      let duplicates = 0;
      const unknown: number[] = [];
      for (const { deliveryId, at, id } of events) {
        switch (await tracking.complaint(deliveryId, new Date(at), id)) {
          case 'new':
            accepted += 1;
            break;
          case 'known':
            duplicates += 1;
            break;
          case 'no-delivery':
            unknown.push(deliveryId);
        }
      }
      return { accepted, duplicates, unknown };
    });
  });
}

function signedBody(request: FastifyRequest, secret: string | undefined, nowSeconds: number): Buffer {
  const { body } = request;
  const timestamp = request.headers['x-boucle-timestamp'];
  const signature = request.headers['x-boucle-signature'];
  if (
    secret === undefined ||
    !Buffer.isBuffer(body) ||
    typeof timestamp !== 'string' ||
    typeof signature !== 'string' ||
    !verifyWebhook({ secret, timestamp, body, signature, nowSeconds })
  ) {
    throw new BoucleError('bad-signature', 'The signature or its timestamp does not hold.');
  }
  return body;
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new BoucleError('invalid-request', 'The body is not JSON in UTF-8.');
  }
}
