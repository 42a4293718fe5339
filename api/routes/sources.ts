import { z } from 'zod';
import { sourceSchema } from '../../domain/profiles/source';
import { BoucleError } from '../../domain/shared/errors';
import type { SourcesStore } from '../../store/sources-store';
import { principalOf } from '../plugins/authentication';
import { keySchema } from '../schemas/common';
import type { App } from '../types';

const viewSchema = z
  .object({
    key: z.string(),
    definition: sourceSchema,
    lastAt: z.date().nullable().describe('The last file or call that came from it.'),
    lateSince: z.date().nullable().describe('When it was expected; null: it is in time.'),
    nextExpectedAt: z.date().nullable().describe('null: it has no rhythm.'),
    updatedBy: z.string(),
    updatedAt: z.date(),
  })
  .meta({ id: 'Source' });

const params = z.object({ key: keySchema });

/** Where data of people comes from. A mapping names its source by key. */
export function sourcesRoutes(app: App, { sources }: { sources: SourcesStore }): void {
  app.put(
    '/v1/sources/:key',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['sources'],
        summary: 'Registers a source: owner, format, rhythm, legal basis; late, it is an incident',
        params,
        body: sourceSchema,
        response: { 200: viewSchema },
      },
    },
    async (request) => sources.put(request.params.key, request.body, principalOf(request).name),
  );

  app.get(
    '/v1/sources',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['sources'],
        summary: 'Every source, when it last came and when it is next expected',
        response: { 200: z.object({ items: z.array(viewSchema) }) },
      },
    },
    async () => ({ items: await sources.list() }),
  );

  app.get(
    '/v1/sources/:key',
    {
      config: { roles: ['viewer'] },
      schema: { tags: ['sources'], summary: 'One source', params, response: { 200: viewSchema } },
    },
    async ({ params: { key } }) => {
      const source = await sources.get(key);
      if (source === null) throw new BoucleError('not-found', 'No such source.');
      return source;
    },
  );

  app.delete(
    '/v1/sources/:key',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['sources'],
        summary: 'Takes a source off the register; what came from it stays',
        params,
        response: { 204: z.null() },
      },
    },
    async ({ params: { key } }, reply) => {
      if (!(await sources.remove(key))) throw new BoucleError('not-found', 'No such source.');
      return reply.code(204).send(null);
    },
  );
}
