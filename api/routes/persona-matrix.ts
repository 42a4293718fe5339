import { z } from 'zod';
import { MATRIX_COLUMNS, type MatrixRow } from '../../domain/segments/persona-matrix';
import { BoucleError } from '../../domain/shared/errors';
import type { PersonaMatrixStore } from '../../store/persona-matrix-store';
import { toCsv } from '../csv';
import { principalOf } from '../plugins/authentication';
import { versionSchema } from '../schemas/common';
import type { App } from '../types';

const BODY_LIMIT_BYTES = 4 << 20;

const matrixSchema = z
  .object({
    version: z.int(),
    sha256: z.string(),
    rows: z.array(z.record(z.string(), z.string())),
    createdBy: z.string(),
    createdAt: z.string(),
  })
  .meta({ id: 'PersonaMatrix' });

export async function personaMatrixRoutes(
  root: App,
  { matrix }: { matrix: PersonaMatrixStore },
): Promise<void> {
  // A scope of its own: text/csv is a text here and a stream in the imports.
  await root.register(async (app: App) => {
    app.addContentTypeParser(
      'text/csv',
      { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => done(null, body),
    );

    app.put(
      '/v1/persona-matrix',
      {
        bodyLimit: BODY_LIMIT_BYTES,
        config: { roles: ['editor'] },
        schema: {
          tags: ['persona-matrix'],
          summary: `persona_matrix.csv as a new version (${MATRIX_COLUMNS.join(', ')}); the same text again is the version that is there`,
          consumes: ['text/csv'],
          body: z.string(),
          response: { 200: matrixSchema },
        },
      },
      async (request) => {
        const stored = await matrix.put(request.body, principalOf(request).name);
        request.auditTarget = `version ${stored.version}`;
        return { ...stored, rows: stored.rows.map((row) => ({ ...row })) };
      },
    );

    app.get(
      '/v1/persona-matrix',
      {
        config: { roles: ['viewer'] },
        schema: {
          tags: ['persona-matrix'],
          summary: 'The latest version or the one asked for, as JSON or, by Accept, as CSV',
          querystring: z.strictObject({
            version: versionSchema.optional(),
            format: z.enum(['json', 'csv']).optional(),
          }),
          response: {
            200: {
              description: 'The matrix',
              content: { 'application/json': { schema: matrixSchema }, 'text/csv': { schema: z.string() } },
            },
          },
        },
      },
      async ({ query, headers }, reply) => {
        const found = await matrix.get(query.version);
        if (found === null) throw new BoucleError('not-found', 'There is no such version of the matrix.');
        const wanted = query.format ?? (headers.accept?.includes('text/csv') === true ? 'csv' : 'json');
        if (wanted === 'json') return reply.send({ ...found, rows: found.rows.map((row) => ({ ...row })) });
        return reply.type('text/csv; charset=utf-8').send(toCsv(MATRIX_COLUMNS, found.rows.map(cells)));
      },
    );
  });
}

const cells = (row: MatrixRow): string[] => MATRIX_COLUMNS.map((column) => row[column]);
