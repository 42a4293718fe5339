import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type {} from '@fastify/swagger';
import type { FindDeliveryDeps } from '../../adapters/bounces/find-delivery';
import { RETURNED_MAIL_BYTES } from '../../adapters/bounces/lmtp-listener';
import { BoucleError } from '../../domain/shared/errors';
import type { ProviderEventsStore } from '../../store/provider-events-store';
import { complaintsBody, emailEventsBody, happeningOf, refOf } from '../schemas/provider-events';
import { createReturnedMails } from '../returned-mails';
import { alsoTakeRaw, signedJson, takeRaw, tally } from '../signed-webhook';
import type { App } from '../types';

export interface ProviderWebhooksDeps {
  readonly provider: ProviderEventsStore;
  /** Left out, every call with events is refused: nothing unsigned is ever taken. */
  readonly secret: string | undefined;
  /** Left out, every returned mail is refused. */
  readonly bounceSecret: string | undefined;
  readonly find: FindDeliveryDeps;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * What comes back from whoever carried our mails. `POST /webhooks/email` and `/webhooks/complaints` take events signed
 * with PROVIDER_WEBHOOK_SECRET, `POST /webhooks/bounces` a returned mail as it came, under BOUNCE_WEBHOOK_SECRET. None of
 * them needs an API key. Told again, late or in another order, everything counts once: a call whose answer was lost is
 * sent again as it was.
 */
export async function providerWebhooksRoutes(app: App, deps: ProviderWebhooksDeps): Promise<void> {
  const { provider, secret, bounceSecret, find, now = Date.now } = deps;
  const mails = createReturnedMails({ provider, find, now });
  await app.register(async (scope) => {
    takeRaw(scope, 'application/json');
    alsoTakeRaw(scope, 'message/rfc822', RETURNED_MAIL_BYTES);

    scope.post('/webhooks/complaints', { schema: { hide: true } }, async (request) => {
      const { events } = signedJson(request, secret, now(), complaintsBody);
      const told = await Promise.all(
        events.map(({ deliveryId, at, id }) =>
          provider.record({
            id,
            at: new Date(at),
            ref: { deliveryId },
            happening: { kind: 'complained' },
            by: 'webhook',
          }),
        ),
      );
      return tally(
        told,
        events.map((event) => event.deliveryId),
      );
    });

    scope.post('/webhooks/email', { schema: { hide: true } }, async (request) => {
      const { events } = signedJson(request, secret, now(), emailEventsBody);
      const told = await Promise.all(
        events.map(async (event) => {
          const ref = refOf(event);
          if (ref === null) return { outcome: 'no-delivery' } as const;
          const happening = happeningOf(event);
          return provider.record({ id: event.id, at: new Date(event.at), ref, happening, by: 'webhook' });
        }),
      );
      return tally(
        told,
        events.map((event) => event.id),
      );
    });

    scope.post('/webhooks/bounces', { schema: { hide: true } }, async (request) => {
      const raw = bearerBody(request, bounceSecret);
      const recipient = request.headers['x-boucle-recipient'];
      const answer = await mails.receive(raw, typeof recipient === 'string' ? recipient : null);
      const { kind, why, outcome } = answer;
      // Its words may name somebody: what it was is all that is said of it.
      if (outcome === 'no-delivery')
        request.log.warn({ code: 'returned-mail-unknown', kind, why }, 'a returned mail names no delivery');
      return answer;
    });
  });
}

/** What an MTA pipes it cannot sign: a secret of its own, over TLS. */
function bearerBody(request: FastifyRequest, secret: string | undefined): Buffer {
  const { body } = request;
  const [, given = ''] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  if (secret === undefined || !timingSafeEqual(digest(given), digest(secret)))
    throw new BoucleError('bad-signature', 'The secret of the bounce door does not hold.');
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new BoucleError('invalid-request', 'The body is the returned mail, as message/rfc822.');
  return body;
}
