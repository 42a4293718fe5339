import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { LinkSigner } from '../../adapters/links/signer';
import type { Brand } from '../../domain/creatives/ports';
import type { TrackingStore, Unsubscription } from '../../store/tracking-store';
import { RECIPIENT_CSP } from '../pages/recipient-page';
import { renderUnsubscribePage, type UnsubscribePage } from '../pages/unsubscribe-page';
import type { App } from '../types';

export interface UnsubscribeDeps {
  readonly signer: LinkSigner;
  readonly tracking: TrackingStore;
  readonly brands: ReadonlyMap<string, Brand>;
}

const params = z.object({ token: z.string() });
/** RFC 8058 has two words in its body; forms of people have none. */
const BODY_LIMIT_BYTES = 16 << 10;

/**
 * `/u/<token>`: looking at it changes nothing, whoever or whatever looks; a POST unsubscribes with nothing but its
 * body: no cookie, no key, no session (RFC 8058), urlencoded, multipart or empty.
 */
export async function unsubscribeRoutes(
  root: App,
  { signer, tracking, brands }: UnsubscribeDeps,
): Promise<void> {
  await root.register(async (app: App) => {
    // Whatever type a mail program claims, even one that is none: the body is read as it is.
    app.addHook('onRequest', async (request) => {
      delete request.headers['content-type'];
    });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      '*',
      { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => done(null, body),
    );

    app.get('/u/:token', { schema: { hide: true, params } }, async (request, reply) => {
      const id = deliveryIdOf(request.params.token);
      return show(request, reply, 'ask', id, id === null ? null : await tracking.unsubscribable(id));
    });

    app.post('/u/:token', { schema: { hide: true, params } }, async (request, reply) => {
      const id = deliveryIdOf(request.params.token);
      const via = isOneClick(request.body) ? 'one-click' : 'page';
      return show(
        request,
        reply,
        'done',
        id,
        id === null ? null : await tracking.unsubscribe(id, new Date(), via),
      );
    });
  });

  const deliveryIdOf = (token: string): number | null => {
    const read = signer.read(token);
    return read?.kind === 'unsubscribe' ? read.deliveryId : null;
  };

  const show = (
    request: FastifyRequest,
    reply: FastifyReply,
    state: 'ask' | 'done',
    deliveryId: number | null,
    found: Unsubscription | null,
  ): FastifyReply => {
    const page: UnsubscribePage =
      found === null
        ? {
            state: 'unknown',
            brandName: '',
            purpose: null,
            channel: 'email',
            preferencesUrl: null,
            actionUrl: request.url,
            locale: 'fr',
          }
        : {
            state,
            purpose: found.purpose,
            channel: found.channel,
            preferencesUrl: deliveryId === null ? null : `/p/${signer.preferences(deliveryId)}`,
            brandName: brands.get(found.brand)?.name ?? found.brand,
            actionUrl: request.url,
            locale: found.locale,
          };
    return reply
      .code(found === null ? 404 : 200)
      .header('content-security-policy', RECIPIENT_CSP)
      .type('text/html; charset=utf-8')
      .send(renderUnsubscribePage(page));
  };
}

/** In whatever encoding, the words are there as they are. */
const isOneClick = (body: unknown): boolean =>
  typeof body === 'string' && /List-Unsubscribe(=|"\s+)One-Click/i.test(body);
