import { z } from 'zod';
import { MATRIX_COLUMNS, type MatrixRow } from '../../domain/segments/persona-matrix';
import { diffWords } from '../../domain/segments/persona-matrix-diff';
import { BoucleError } from '../../domain/shared/errors';
import type { PersonaMatrix, PersonaMatrixStore } from '../../store/persona-matrix-store';
import { toCsv } from '../csv';
import { principalOf } from '../plugins/authentication';
import { versionSchema } from '../schemas/common';
import { matrixDiffSchema, matrixSchema, matrixVersionSchema } from '../schemas/persona-matrix';
import type { App } from '../types';

const BODY_LIMIT_BYTES = 4 << 20;

const note = z.string().min(1).max(500);
const versionParams = z.object({ version: versionSchema });
const noted = z.strictObject({ note: note.optional() }).nullish();
const format = z.enum(['json', 'csv']);
type Format = z.infer<typeof format>;
const asked = z.strictObject({ format: format.optional() });
const eitherAnswer = {
  200: {
    description: 'The matrix',
    content: { 'application/json': { schema: matrixSchema }, 'text/csv': { schema: z.string() } },
  },
};

export interface PersonaMatrixDeps {
  readonly matrix: PersonaMatrixStore;
}

/** In and out as CSV; a version counts once somebody else than its author has approved it. */
export async function personaMatrixRoutes(root: App, deps: PersonaMatrixDeps): Promise<void> {
  // A scope of its own: text/csv is a text here and a stream in the imports.
  await root.register(async (app: App) => {
    app.addContentTypeParser(
      'text/csv',
      { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES },
      (_request, body, done) => done(null, body),
    );
    proposeRoute(app, deps);
  });
  readRoutes(root, deps);
  decideRoutes(root, deps);
}

function proposeRoute(app: App, { matrix }: PersonaMatrixDeps): void {
  app.put(
    '/v1/persona-matrix',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      config: { roles: ['editor'], eachByItself: true },
      schema: {
        tags: ['persona-matrix'],
        summary: `Proposes persona_matrix.csv as a new version (${MATRIX_COLUMNS.join(', ')}); the text in use, or one that waits already, is the version that is there`,
        consumes: ['text/csv'],
        querystring: z.strictObject({
          note: note.optional().describe('What its author says of it, for who reviews it.'),
        }),
        body: z.string(),
        response: { 200: matrixSchema },
      },
    },
    async (request) => {
      const stored = await matrix.propose(
        request.body,
        principalOf(request).name,
        request.query.note ?? null,
      );
      request.auditTarget = `version ${stored.version}`;
      return shown(stored);
    },
  );
}

function readRoutes(app: App, { matrix }: PersonaMatrixDeps): void {
  /** A version, left out: the one in use, as it is asked for. Throws not-found. */
  const answer = async (version: number | undefined, wanted: Format | undefined, accept = '') => {
    const found = await matrix.get(version);
    if (found === null)
      throw new BoucleError(
        'not-found',
        version === undefined
          ? 'No version of the matrix is in use.'
          : 'There is no such version of the matrix.',
      );
    return (wanted ?? (accept.includes('text/csv') ? 'csv' : 'json')) === 'csv'
      ? { type: 'text/csv; charset=utf-8', body: toCsv(MATRIX_COLUMNS, found.rows.map(cells)) }
      : { type: 'application/json; charset=utf-8', body: shown(found) };
  };

  app.get(
    '/v1/persona-matrix',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['persona-matrix'],
        summary: 'The version in use or the one asked for, as JSON or, by Accept, as CSV',
        querystring: asked.extend({ version: versionSchema.optional() }),
        response: eitherAnswer,
      },
    },
    async ({ query, headers }, reply) => {
      const { body, type } = await answer(query.version, query.format, headers.accept);
      return reply.type(type).send(body);
    },
  );

  app.get(
    '/v1/persona-matrix/versions',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['persona-matrix'],
        summary: 'Every version with its author, its date and who decided on it, newest first',
        response: { 200: z.object({ items: z.array(matrixVersionSchema) }) },
      },
    },
    async () => ({ items: await matrix.versions() }),
  );

  app.get(
    '/v1/persona-matrix/versions/:version',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['persona-matrix'],
        summary: 'A version, as JSON or, by Accept, as CSV',
        params: versionParams,
        querystring: asked,
        response: eitherAnswer,
      },
    },
    async ({ params, query, headers }, reply) => {
      const { body, type } = await answer(params.version, query.format, headers.accept);
      return reply.type(type).send(body);
    },
  );

  app.get(
    '/v1/persona-matrix/versions/:version/diff',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['persona-matrix'],
        summary: 'What a version changes, row by row and cell by cell, in words too',
        params: versionParams,
        querystring: z.strictObject({
          against: versionSchema.optional().describe('Left out: the approved version before it.'),
        }),
        response: { 200: matrixDiffSchema },
      },
    },
    async ({ params, query }) => {
      const diff = await matrix.diff(params.version, query.against);
      return {
        version: params.version,
        against: diff.against,
        words: diffWords(diff),
        added: diff.added.map((row) => ({ ...row })),
        removed: diff.removed.map((row) => ({ ...row })),
        changed: diff.changed.map(({ segment, cells: changed }) => ({ segment, cells: [...changed] })),
      };
    },
  );
}

function decideRoutes(app: App, { matrix }: PersonaMatrixDeps): void {
  for (const [name, summary] of [
    ['approve', 'Makes a version the one in use; not by its author'],
    ['reject', 'A version that is not to count; not by its author'],
  ] as const)
    app.post(
      `/v1/persona-matrix/versions/:version/${name}`,
      {
        config: { roles: ['approver'] },
        schema: {
          tags: ['persona-matrix'],
          summary,
          params: versionParams,
          body: noted,
          response: { 200: matrixSchema },
        },
      },
      async (request) =>
        shown(
          await matrix[name](request.params.version, principalOf(request).name, request.body?.note ?? null),
        ),
    );

  app.post(
    '/v1/persona-matrix/reviewed',
    {
      config: { roles: ['editor', 'approver'] },
      schema: {
        tags: ['persona-matrix'],
        summary: 'Notes that the version in use was looked at and stands: the weekly reminder rests',
        body: noted,
        response: {
          200: z.object({ version: z.int(), reviewedBy: z.string(), reviewedAt: z.string() }),
        },
      },
    },
    async (request) => matrix.reviewed(principalOf(request).name, request.body?.note ?? null),
  );
}

const shown = (stored: PersonaMatrix) => ({ ...stored, rows: stored.rows.map((row) => ({ ...row })) });

const cells = (row: MatrixRow): string[] => MATRIX_COLUMNS.map((column) => row[column]);
