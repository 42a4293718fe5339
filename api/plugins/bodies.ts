import type { FastifyRequest } from 'fastify';
import { BoucleError } from '../../domain/shared/errors';
import { notJson } from '../json-place';
import type { App } from '../types';

/**
 * JSON is the one body every route takes; what else a route takes (CSV, forms), it adds for itself.
 * The bytes are kept for the hash of an idempotent call. An empty body is no body.
 */
export function registerBodies(app: App): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  const utf8 = new TextDecoder('utf-8', { fatal: true });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    request.rawBody = bytes;
    if (bytes.length === 0) return done(null, undefined);
    let text: string;
    try {
      text = utf8.decode(bytes);
    } catch {
      return done(notUtf8());
    }
    return parseJson(request, text, (error, value) =>
      error === null || error === undefined ? done(null, value) : done(notJson(text)),
    );
  });
  app.addHook('preParsing', async (request) => refuseOtherEncodings(request));
}

export const notUtf8 = (): BoucleError =>
  new BoucleError('invalid-request', 'The body is not UTF-8.', [{ path: '/', message: 'is not UTF-8' }]);

/** Bodies are read as they come, in UTF-8. Pages and webhooks are told in whatever way others have. */
function refuseOtherEncodings({ url, headers, routeOptions }: FastifyRequest): void {
  if (!url.startsWith('/v1/')) return;
  const { 'content-encoding': coding = 'identity', 'content-type': type = '' } = headers;
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type) ?? [];
  const gzip = routeOptions.config.gzip === true && coding.toLowerCase() === 'gzip';
  if (coding.toLowerCase() !== 'identity' && !gzip) {
    throw new BoucleError('unsupported-media-type', 'Bodies are taken as they are, not compressed.', [
      { path: '/headers/content-encoding', message: 'is not taken' },
    ]);
  }
  if (!/^(utf-?8|us-ascii)$/i.test(charset)) {
    throw new BoucleError('unsupported-media-type', 'Bodies are taken in UTF-8.', [
      { path: '/headers/content-type', message: 'names another charset than UTF-8' },
    ]);
  }
}
