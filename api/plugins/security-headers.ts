import type { App } from '../types';

/** The pages of ours that show something load nothing from elsewhere; `/docs` sets its own. */
const DEFAULT_POLICY =
  "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export function registerSecurityHeaders(app: App): void {
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'x-content-type-options': 'nosniff',
      // A tracked or unsubscribe address names a delivery: it is nobody else's business.
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'x-request-id': request.id,
    });
  });
  app.addHook('onSend', async (request, reply, payload) => {
    if (!reply.hasHeader('content-security-policy'))
      void reply.header('content-security-policy', DEFAULT_POLICY);
    // Answers of the API are somebody's own; what may be kept (pictures) says so itself.
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
    return payload;
  });
}
