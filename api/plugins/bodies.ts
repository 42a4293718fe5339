import { BoucleError } from '../../domain/shared/errors';
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
      return done(new BoucleError('invalid-request', 'The body is not UTF-8.'));
    }
    return parseJson(request, text, (error, value) =>
      error === null || error === undefined
        ? done(null, value)
        : done(new BoucleError('invalid-request', 'The body is not JSON.')),
    );
  });
}
