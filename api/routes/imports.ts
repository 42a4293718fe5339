import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { EventRules } from '../../domain/events/check-event';
import { mappingFaults } from '../../domain/events/mapping-faults';
import { BoucleError } from '../../domain/shared/errors';
import type { ImportRecord, ImportsStore, StoredReject } from '../../store/imports-store';
import type { IdempotencyStore } from '../../store/idempotency-store';
import { toCsv } from '../csv';
import { inChunks } from '../chunks';
import type { Orchestrator } from '../orchestrator';
import { principalOf } from '../plugins/authentication';
import { claimOrAnswer, idempotencyKeyOf, requestHash } from '../plugins/idempotency';
import { idParams, keySchema, limitSchema, pageOf, toPage } from '../schemas/common';
import type { App } from '../types';

/** What staging holds in one row. */
const CHUNK_BYTES = 1 << 20;
const FILE_TYPES = ['text/csv', 'application/x-ndjson', 'application/gzip'] as const;
const FILE_LIMIT_BYTES = 4 * 2 ** 30;

const importSchema = z
  .object({
    id: z.string(),
    mapping: z.string(),
    filename: z.string().nullable(),
    sha256: z.string().nullable(),
    bytes: z.number(),
    format: z.enum(['csv', 'ndjson']),
    encoding: z.enum(['identity', 'gzip']),
    bytesRead: z.number().describe('Of `bytes`: how far it is.'),
    state: z.enum(['receiving', 'queued', 'running', 'done', 'failed']),
    rows: z.number().describe('rows = created + merged + unchanged + rejected'),
    created: z.number(),
    merged: z.number(),
    unchanged: z.number(),
    rejected: z.number(),
    events: z.number(),
    consents: z.number(),
    error: z.string().nullable(),
    createdBy: z.string(),
    createdAt: z.string(),
    finishedAt: z.string().nullable(),
  })
  .meta({ id: 'Import' });

const rejectSchema = z.object({ line: z.number(), field: z.string(), code: z.string(), reason: z.string() });
const acceptedSchema = z.object({ id: z.string(), statusUrl: z.string() });

export interface ImportsDeps {
  readonly imports: ImportsStore;
  readonly eventRules: () => Promise<EventRules>;
  readonly idempotency: IdempotencyStore;
  readonly orchestrator: Orchestrator;
  readonly publicUrl: string;
}

export async function importsRoutes(
  root: App,
  { imports, eventRules, idempotency, orchestrator, publicUrl }: ImportsDeps,
): Promise<void> {
  const known = async (id: string): Promise<ImportRecord> => {
    const found = await imports.get(id);
    if (found === null) throw new BoucleError('not-found', 'No such import.');
    return found;
  };

  /** Types may have changed since the mapping was written. */
  const checkEvents = async (key: string): Promise<void> => {
    const mapping = await imports.getMapping(key);
    const faults = mapping === null ? [] : mappingFaults(mapping, await eventRules());
    if (faults.length > 0)
      throw new BoucleError(
        'mapping-invalid',
        'The mapping makes events that are not taken any more.',
        faults,
      );
  };

  // A scope of its own: text/csv is a stream here and a text in the persona matrix, and JSON is no file.
  await root.register(async (app: App) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser([...FILE_TYPES], (_request, payload, done) => done(null, payload));

    app.post(
      '/v1/imports',
      {
        config: { roles: ['editor'], ownIdempotency: true, gzip: true },
        schema: {
          tags: ['imports'],
          summary:
            'Takes a file of people (CSV or NDJSON, gzipped or not) and starts reading it by a mapping',
          consumes: [...FILE_TYPES],
          querystring: z.strictObject({
            mapping: keySchema,
            filename: z.string().min(1).max(200).optional(),
          }),
          body: z.any().describe('The file, in UTF-8; a gzip is known by its first bytes.'),
          response: { 202: acceptedSchema },
        },
      },
      async (request, reply) => {
        const { mapping, filename } = request.query;
        const by = principalOf(request).name;
        const key = idempotencyKeyOf(request);
        await checkEvents(mapping);
        const id = `i${randomBytes(8).toString('hex')}`;
        await imports.create({ id, mapping, filename: filename ?? null, createdBy: by });
        try {
          const { sha256, bytes, encoding } = await stage(imports, id, request.raw);
          // The key is claimed once the bytes are known; a file that was sent before is never read.
          const claim = key === null ? null : { key, hash: requestHash(request, Buffer.from(sha256)) };
          if (claim !== null && (await claimOrAnswer(idempotency, request, reply, claim))) {
            await imports.abandon(id, 'The same upload was answered before.');
            return reply;
          }
          await imports.seal(id, sha256, bytes, encoding);
          request.auditTarget = id;
          await orchestrator.startImport(id);
        } catch (error) {
          // What the caller is to hear is the first fault, not one of clearing up after it.
          await imports.abandon(id, reasonOf(error)).catch(() => {
            request.log.error(
              { code: 'import-not-abandoned', importId: id },
              'staged bytes could not be deleted',
            );
          });
          throw error;
        }
        return reply.code(202).send({ id, statusUrl: `${publicUrl}/v1/imports/${id}` });
      },
    );
  });

  const app = root;
  app.get(
    '/v1/imports',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['imports'],
        summary: 'Imports, newest first',
        querystring: z.strictObject({ limit: limitSchema }),
        response: { 200: z.object({ items: z.array(importSchema) }) },
      },
    },
    async ({ query }) => ({ items: await imports.list({ limit: query.limit }) }),
  );

  app.get(
    '/v1/imports/:id',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['imports'],
        summary: 'One import with its counts',
        params: idParams,
        response: { 200: importSchema },
      },
    },
    async ({ params }) => known(params.id),
  );

  app.get(
    '/v1/imports/:id/rejects',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['imports'],
        summary: 'Lines that were rejected and why, as JSON or, by Accept, as CSV; values are never shown',
        params: idParams,
        querystring: z.strictObject({
          after: z.string().max(300).optional(),
          limit: limitSchema,
          format: z.enum(['json', 'csv']).optional(),
        }),
        response: {
          200: {
            description: 'Rejects',
            content: {
              'application/json': { schema: pageOf(rejectSchema) },
              'text/csv': { schema: z.string() },
            },
          },
        },
      },
    },
    async ({ params, query, headers }, reply) => {
      await known(params.id);
      const after = query.after === undefined ? {} : { after: readCursor(query.after) };
      const found = await imports.rejects(params.id, { ...after, limit: query.limit + 1 });
      const page = toPage(found, query.limit, ({ line, field }) => `${line}:${field}`);
      const wanted = query.format ?? (headers.accept?.includes('text/csv') === true ? 'csv' : 'json');
      if (wanted === 'json') return reply.send(page);
      if (page.next !== null)
        void reply.header('link', `<${nextUrl(params.id, query.limit, page.next)}>; rel="next"`);
      return reply
        .type('text/csv; charset=utf-8')
        .send(toCsv(['line', 'field', 'code', 'reason'], page.items.map(cells)));
    },
  );
}

/** Keeps the file as it comes. Throws too-large, and what the connection throws when it is cut off. */
async function stage(
  imports: Pick<ImportsStore, 'appendChunk'>,
  id: string,
  file: AsyncIterable<Uint8Array>,
): Promise<{ readonly sha256: string; readonly bytes: number; readonly encoding: 'identity' | 'gzip' }> {
  const digest = createHash('sha256');
  let bytes = 0;
  let seq = 0;
  let encoding: 'identity' | 'gzip' = 'identity';
  for await (const chunk of inChunks(file, CHUNK_BYTES)) {
    bytes += chunk.length;
    if (bytes > FILE_LIMIT_BYTES) throw new BoucleError('too-large', 'The file is larger than 4 GiB.');
    if (seq === 0 && chunk[0] === 0x1f && chunk[1] === 0x8b) encoding = 'gzip';
    digest.update(chunk);
    await imports.appendChunk(id, seq++, chunk);
  }
  return { sha256: digest.digest('hex'), bytes, encoding };
}

/** Why an import was never read, without values: other errors than ours may carry some. */
const reasonOf = (error: unknown): string =>
  error instanceof BoucleError
    ? `${error.code}: ${error.message}`
    : 'The file did not arrive whole, or could not be kept or started.';

function readCursor(cursor: string): { line: number; field: string } {
  const [, line, field] = /^(\d{1,15}):(.*)$/s.exec(cursor) ?? [];
  if (line === undefined || field === undefined) {
    throw new BoucleError('invalid-request', 'The cursor is not one that was given out.', [
      { path: '/query/after', message: 'is not the `next` of a page' },
    ]);
  }
  return { line: Number(line), field };
}

const nextUrl = (id: string, limit: number, next: string): string =>
  `/v1/imports/${id}/rejects?format=csv&limit=${limit}&after=${encodeURIComponent(next)}`;

const cells = ({ line, field, code, reason }: StoredReject): string[] => [String(line), field, code, reason];
