import { z } from 'zod';
import { assetContentType } from '../../domain/creatives/asset-path';
import type { BlobStore } from '../../domain/creatives/ports';
import { BoucleError } from '../../domain/shared/errors';
import type { App } from '../types';

const FILE = /^([0-9a-f]{64})\.([a-z0-9]{2,5})$/;

/** Pictures of messages by the hash of their content: what is at an address never changes. */
export function assetsRoutes(app: App, { blobs }: { blobs: BlobStore }): void {
  app.get(
    '/assets/:file',
    { schema: { hide: true, params: z.object({ file: z.string() }) } },
    async (request, reply) => {
      const [, sha256, extension] = FILE.exec(request.params.file) ?? [];
      const contentType = extension === undefined ? null : assetContentType(extension);
      const bytes = sha256 === undefined || contentType === null ? null : await blobs.get(sha256);
      if (bytes === null || contentType === null)
        throw new BoucleError('not-found', 'There is no such picture.');
      return reply
        .headers({
          'cache-control': 'public, max-age=31536000, immutable',
          etag: `"${sha256}"`,
          'cross-origin-resource-policy': 'cross-origin',
          // An SVG opened by itself is a document: it runs nothing and loads nothing.
          'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        })
        .type(contentType)
        .send(Buffer.from(bytes));
    },
  );
}
