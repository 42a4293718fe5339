import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Brand } from '../../domain/creatives/ports';
import type { AskedConsent, ConsentRequestsStore } from '../../store/consent-requests-store';
import { renderConfirmPage, type ConfirmPage } from '../pages/confirm-page';
import { RECIPIENT_CSP } from '../pages/recipient-page';
import type { App } from '../types';

export interface ConfirmDeps {
  readonly requests: ConsentRequestsStore;
  readonly brands: ReadonlyMap<string, Brand>;
}

const params = z.object({ token: z.string() });
const BODY_LIMIT_BYTES = 1 << 10;

/**
 * `/c/<token>`, from the message of a double opt-in. Looking confirms nothing, whoever or whatever looks (scanners open
 * every link); the button's POST does, once.
 */
export async function confirmRoutes(root: App, { requests, brands }: ConfirmDeps): Promise<void> {
  await root.register(async (app: App) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => done(null, body),
    );

    app.get('/c/:token', { schema: { hide: true, params } }, async (request, reply) => {
      const asked = await requests.look(request.params.token);
      return show(request, reply, asked, asked?.standing === 'open' ? 'ask' : (asked?.standing ?? 'unknown'));
    });

    app.post('/c/:token', { schema: { hide: true, params } }, async (request, reply) => {
      const confirmed = await requests.confirm(request.params.token);
      const asked = await requests.look(request.params.token);
      // Neither confirmed nor used, of a link that is there: its time is over.
      const late = asked?.standing === 'used' ? 'used' : 'expired';
      return show(request, reply, asked, confirmed ? 'done' : asked === null ? 'unknown' : late);
    });
  });

  const show = (
    request: FastifyRequest,
    reply: FastifyReply,
    asked: AskedConsent | null,
    state: ConfirmPage['state'],
  ): FastifyReply =>
    reply
      .code(STATUS[state])
      .header('content-security-policy', RECIPIENT_CSP)
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(
        renderConfirmPage({
          state,
          brandName: asked === null ? '' : (brands.get(asked.brand)?.name ?? asked.brand),
          asked: asked === null ? null : { purpose: asked.purpose, channel: asked.channel },
          wording: asked?.wording ?? '',
          actionUrl: request.url,
          locale: asked?.locale ?? 'fr',
        }),
      );
}

const STATUS = { ask: 200, done: 200, used: 200, expired: 410, unknown: 404 } as const;
