import { z } from 'zod';
import {
  addressSchema,
  fingerprintSchema,
  scopeSchema,
  SUPPRESSION_REASONS,
  SUPPRESSIONS_MAX,
  suppressionSchema,
} from '../../domain/consent/suppression';
import { missingSuppressionColumns, suppressionRowReader } from '../../domain/consent/suppression-row';
import { REJECT_REASONS } from '../../domain/profiles/checked';
import { BoucleError } from '../../domain/shared/errors';
import type { IdempotencyStore } from '../../store/idempotency-store';
import type { SuppressionsStore } from '../../store/suppressions-store';
import { importCsv, importedSchema } from '../csv-import';
import { principalOf } from '../plugins/authentication';
import { keyedFile } from '../plugins/idempotency';
import { keySchema } from '../schemas/common';
import type { App } from '../types';

const foundSchema = z.union([
  z.object({
    fingerprint: z.string(),
    suppressions: z.array(
      z.object({
        scope: z.string(),
        reason: z.enum(SUPPRESSION_REASONS),
        at: z.date(),
        source: z.string(),
        recordedBy: z.string().nullable(),
      }),
    ),
  }),
  z.object({ code: z.string().describe('Why it is no address.') }),
]);

const reasonOf = new Map<string, string>(Object.entries(REJECT_REASONS));

export interface SuppressionsDeps {
  readonly suppressions: SuppressionsStore;
  readonly idempotency: IdempotencyStore;
}

/** Addresses never to be used again. They come in as addresses or fingerprints and stay as keyed fingerprints alone. */
export async function suppressionsRoutes(
  root: App,
  { suppressions, idempotency }: SuppressionsDeps,
): Promise<void> {
  root.post(
    '/v1/suppressions/lookups',
    {
      config: { roles: ['editor'], computation: true },
      schema: {
        tags: ['suppressions'],
        summary:
          'Whether addresses are suppressed, and why; asked in a body, since logs keep addresses of pages',
        body: z.strictObject({ addresses: z.array(addressSchema).min(1).max(SUPPRESSIONS_MAX) }),
        response: { 200: z.object({ items: z.array(foundSchema) }) },
      },
    },
    async ({ body }) => ({ items: await suppressions.lookUp(body.addresses) }),
  );

  root.post(
    '/v1/suppressions',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['suppressions'],
        summary: `One address or up to ${SUPPRESSIONS_MAX} that may not be used again`,
        body: z.union([suppressionSchema, z.array(suppressionSchema).min(1).max(SUPPRESSIONS_MAX)]),
        response: {
          200: z.object({
            accepted: z.int(),
            duplicates: z.int().describe('Suppressed in that scope already: the first reason stays.'),
            rejected: z.array(z.object({ index: z.int(), code: z.string() })),
          }),
        },
      },
    },
    async (request) => {
      const { accepted, duplicates, rejected } = await suppressions.append(
        Array.isArray(request.body) ? request.body : [request.body],
        { source: 'api', recordedBy: principalOf(request).name },
      );
      return { accepted, duplicates, rejected: [...rejected] };
    },
  );

  root.delete(
    '/v1/suppressions/:fingerprint',
    {
      config: { roles: ['admin'] },
      schema: {
        tags: ['suppressions'],
        summary: 'Lets an address be used again; who did it and why is in the audit',
        params: z.object({ fingerprint: fingerprintSchema }),
        querystring: z.strictObject({
          scope: scopeSchema.default('global'),
          reason: keySchema.describe('Why, as a code: `confirmed-by-owner`…'),
        }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { scope, reason } = request.query;
      const { fingerprint } = request.params;
      request.auditTarget = `${fingerprint}/${scope}/${reason}`;
      if (!(await suppressions.lift(fingerprint, scope)))
        throw new BoucleError('not-found', 'That address is not suppressed in this scope.');
      return reply.code(204).send(null);
    },
  );

  // A scope of its own: text/csv is a stream here.
  await root.register(async (app: App) => {
    app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
    app.post(
      '/v1/suppressions/import',
      {
        config: { roles: ['editor'], ownIdempotency: true },
        schema: {
          tags: ['suppressions'],
          summary: 'Takes a CSV file of suppressions; what is suppressed already stays as it is',
          consumes: ['text/csv'],
          querystring: z.strictObject({ delimiter: z.enum([',', ';', '\t']).default(',') }),
          body: z
            .any()
            .describe(
              'The file, in UTF-8: address (or the hex of its fingerprint), channel, scope, reason, at.',
            ),
          response: { 200: importedSchema },
        },
      },
      async (request, reply) => {
        const file = await keyedFile(idempotency, request, reply);
        if (file === null) return reply;
        const by = { source: 'import', recordedBy: principalOf(request).name };
        return importCsv(file, {
          delimiter: request.query.delimiter,
          missing: missingSuppressionColumns,
          batch: SUPPRESSIONS_MAX,
          readerOf: (header) => {
            const read = suppressionRowReader(header);
            return (cells, line) => {
              const row = read(cells, line);
              return row.ok ? { value: row.suppression } : { rejects: row.rejects };
            };
          },
          write: async (values) => {
            const { rejected, ...counts } = await suppressions.append(values, by);
            return {
              ...counts,
              rejected: rejected.map((one) => ({ ...one, reason: reasonOf.get(one.code) ?? one.code })),
            };
          },
        });
      },
    );
  });
}
