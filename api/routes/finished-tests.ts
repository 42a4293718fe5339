import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import { storableText } from '../../domain/shared/text';
import type { FinishedTestsStore } from '../../store/finished-tests-store';
import type { IdempotencyStore } from '../../store/idempotency-store';
import { importCsv, importedSchema } from '../csv-import';
import { evaluateBodyOf } from '../experiment-input';
import { readTest } from '../finished-test';
import { finishedTestMarkdown } from '../finished-test-markdown';
import { armTotals, testRowReader } from '../finished-test-rows';
import { parseAs } from '../parse';
import { principalOf } from '../plugins/authentication';
import { keyedFile } from '../plugins/idempotency';
import { keySchema, limitSchema, pageOf, toPage } from '../schemas/common';
import { evaluatedSchema } from '../schemas/evaluation';
import { evaluateBody } from '../schemas/experiments';
import { forestFigure } from '../test-figures';
import type { App } from '../types';

/** Rows added up at once. */
const BATCH = 10_000;

const column = z.string().min(1).max(120);
const importQuery = z.strictObject({
  key: keySchema,
  name: storableText(120).min(1),
  hypothesis: storableText(500).default(''),
  arm: column.describe('The column that names the arm.'),
  outcome: column.describe('The column of the outcome.'),
  kind: z
    .enum(['share', 'mean'])
    .default('share')
    .describe('`share`: who has more than 0, or a yes, had the event. `mean`: the amount.'),
  metric: storableText(60).min(1).optional().describe('Left out, the name of the outcome’s column.'),
  direction: z.enum(['increase', 'decrease']).default('increase'),
  control: storableText(60).min(1).optional(),
  alpha: z.coerce.number().gt(0).max(0.5).default(0.05),
  minPerArm: z.coerce.number().int().min(1).max(1e9).default(1_000),
  replicates: keySchema.optional().describe('The key of the test it repeats.'),
  delimiter: z.enum([',', ';', '\t']).default(','),
});

const testSchema = z
  .object({
    key: z.string(),
    name: z.string(),
    hypothesis: z.string(),
    replicates: z.string().nullable(),
    revision: z.string().describe('Of the code that read it.'),
    importedBy: z.string(),
    importedAt: z.date(),
    result: evaluatedSchema,
  })
  .meta({ id: 'FinishedTest' });

export interface FinishedTestsDeps {
  readonly tests: FinishedTestsStore;
  readonly idempotency: IdempotencyStore;
  readonly revision: string;
}

/** Tests that were run elsewhere, read as Boucle reads its own. */
export async function finishedTestsRoutes(
  root: App,
  { tests, idempotency, revision }: FinishedTestsDeps,
): Promise<void> {
  const known = async (key: string) => {
    const test = await tests.get(key);
    if (test === null) throw new BoucleError('not-found', 'No such test.');
    return readTest(test);
  };

  // A scope of its own: text/csv is a stream here.
  await root.register(async (app: App) => {
    app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
    app.post(
      '/v1/experiments/import',
      {
        config: { roles: ['editor'], ownIdempotency: true },
        schema: {
          tags: ['experiments'],
          summary: 'Takes the CSV file of a finished test, a person a row, reads it and keeps what it says',
          consumes: ['text/csv'],
          querystring: importQuery,
          body: z.any().describe('The file, in UTF-8, with a header.'),
          response: { 201: z.object({ rows: importedSchema, test: testSchema }) },
        },
      },
      async (request, reply) => {
        const { key, name, hypothesis, replicates, delimiter, ...query } = request.query;
        // Before the file is read: a long upload is not refused for what was wrong from its first byte.
        if (replicates !== undefined && (await tests.get(replicates)) === null)
          throw new BoucleError('not-found', 'The test it repeats is not here.', [
            { path: '/query/replicates', message: 'is the key of no test' },
          ]);
        const file = await keyedFile(idempotency, request, reply);
        if (file === null) return reply;
        const totals = armTotals(query.kind);
        const rows = await importCsv(file, {
          delimiter,
          missing: (header) => {
            const names = new Set(header.map((one) => one.trim()));
            return [query.arm, query.outcome].filter((one) => !names.has(one));
          },
          readerOf: (header) => testRowReader(query, header),
          batch: BATCH,
          write: (values) => {
            totals.add(values);
            return Promise.resolve({ accepted: values.length, duplicates: 0, rejected: [] });
          },
        });
        const { control, alpha, minPerArm, direction } = query;
        const body = parseAs('invalid-request', 'The file holds no test that can be read.', evaluateBody, {
          metric: query.metric ?? query.outcome,
          direction,
          control,
          arms: totals.arms(),
          plan: { alpha, minPerArm, bayes: query.kind === 'share' },
        });
        await tests.add({
          key,
          name,
          hypothesis,
          replicates: replicates ?? null,
          body,
          result: evaluateBodyOf(body),
          revision,
          importedBy: principalOf(request).name,
        });
        request.auditTarget = key;
        return reply.code(201).send({ rows, test: await known(key) });
      },
    );
  });

  root.get(
    '/v1/experiments',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['experiments'],
        summary: 'Tests that were run elsewhere, the latest first',
        querystring: z.strictObject({ limit: limitSchema, after: keySchema.optional() }),
        response: { 200: pageOf(testSchema) },
      },
    },
    async ({ query: { limit, after } }) => {
      const found = await tests.list(limit + 1, after ?? null);
      return toPage(found.map(readTest), limit, (test) => test.key);
    },
  );

  root.get(
    '/v1/experiments/:key',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['experiments'],
        summary: 'A test that was run elsewhere, as JSON or, by Accept, as Markdown; read again on demand',
        params: z.object({ key: keySchema }),
        querystring: z.strictObject({
          format: z.enum(['json', 'markdown']).optional(),
          again: z
            .enum(['true', 'false'])
            .default('false')
            .describe('`true`: computed anew from the stored numbers by the code that runs now.'),
        }),
        response: {
          200: {
            description: 'The test',
            content: {
              'application/json': { schema: testSchema },
              'text/markdown': { schema: z.string() },
            },
          },
        },
      },
    },
    async ({ params, query, headers }, reply) => {
      const stored = await known(params.key);
      const test =
        query.again === 'true'
          ? {
              ...stored,
              revision,
              result: evaluateBodyOf(
                parseAs('conflict', 'The stored numbers cannot be read any more.', evaluateBody, stored.body),
              ),
            }
          : stored;
      const wanted =
        query.format ?? (headers.accept?.includes('text/markdown') === true ? 'markdown' : 'json');
      if (wanted === 'json') return reply.send(test);
      return reply.type('text/markdown; charset=utf-8').send(finishedTestMarkdown(test));
    },
  );

  root.get(
    '/v1/experiments/:key/forest.svg',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['experiments'],
        summary: 'Its forest plot as an SVG file',
        params: z.object({ key: keySchema }),
        response: { 200: { description: 'SVG', content: { 'image/svg+xml': { schema: z.string() } } } },
      },
    },
    async ({ params }, reply) => {
      const { result } = await known(params.key);
      return reply.type('image/svg+xml; charset=utf-8').send(forestFigure(result.evaluation));
    },
  );
}
