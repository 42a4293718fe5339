import { z } from 'zod';
import type { LinkSigner } from '../../adapters/links/signer';
import { agentKind, pixelAgent } from '../../domain/delivery/agent-kind';
import { BoucleError } from '../../domain/shared/errors';
import type { TrackingStore } from '../../store/tracking-store';
import type { App } from '../types';

const params = z.object({ token: z.string() });

/** The smallest picture there is: one transparent pixel, 43 bytes. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');

/** What recipients' mail programs ask for. The signature of the token is the only key. */
export function trackingRoutes(
  app: App,
  { signer, tracking }: { signer: LinkSigner; tracking: TrackingStore },
): void {
  app.get('/t/c/:token', { schema: { hide: true, params } }, async (request, reply) => {
    const token = signer.read(request.params.token);
    const url =
      token?.kind === 'click'
        ? await tracking.recordClick(
            token.deliveryId,
            token.linkIndex,
            new Date(),
            agentKind(agentOf(request)),
            request.method === 'HEAD',
          )
        : null;
    if (url === null) throw new BoucleError('not-found', 'There is no such link.');
    return reply.redirect(url, 302);
  });

  app.get('/t/o/:token', { schema: { hide: true, params } }, async (request, reply) => {
    const token = signer.read(request.params.token);
    if (token?.kind === 'open' && request.method === 'GET') {
      // Whoever reads a mail gets the picture, whatever becomes of the count.
      await tracking.recordOpen(token.deliveryId, new Date(), pixelAgent(agentOf(request))).catch(() => {
        request.log.error({ code: 'open-not-recorded' }, 'an open could not be recorded');
      });
    }
    return reply
      .headers({
        'cache-control': 'no-store, private, max-age=0',
        'cross-origin-resource-policy': 'cross-origin',
      })
      .type('image/gif')
      .send(PIXEL);
  });
}

const agentOf = (request: { method: string; headers: { 'user-agent'?: string | undefined } }) => ({
  method: request.method,
  userAgent: request.headers['user-agent'],
});
