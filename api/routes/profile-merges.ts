import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import { storableText } from '../../domain/shared/text';
import type { MergesStore, MergeView } from '../../store/merges-store';
import { principalOf } from '../plugins/authentication';
import { limitSchema } from '../schemas/common';
import type { App } from '../types';

const id = z.coerce.number().int().min(1);

const mergeSchema = z
  .object({
    id: z.int(),
    kept: z.int(),
    merged: z.int(),
    reason: z.string(),
    source: z.string(),
    won: z
      .record(z.string(), z.string())
      .describe('The source whose value stands, by field and `attributes.<name>`.'),
    mergedBy: z.string(),
    mergedAt: z.date(),
    undoneBy: z.string().nullable(),
    undoneAt: z.date().nullable(),
  })
  .meta({ id: 'ProfileMerge' });

/** Two profiles that are one person, and two again. */
export function profileMergesRoutes(app: App, { merges }: { merges: MergesStore }): void {
  app.post(
    '/v1/profile-merges',
    {
      config: { roles: ['admin'] },
      schema: {
        tags: ['profiles'],
        summary: 'Merges a profile into another: the later word wins, a no of either holds; can be undone',
        body: z.strictObject({
          kept: z.int().min(1),
          merged: z.int().min(1),
          reason: storableText(200).min(1),
        }),
        response: { 201: mergeSchema },
      },
    },
    async (request, reply) => {
      const { kept, merged, reason } = request.body;
      const by = principalOf(request).name;
      const made = await merges.merge({ kept, merged, reason, source: 'api', by });
      request.auditTarget = String(made);
      return reply.code(201).send(shown(await merges.get(made)));
    },
  );

  app.get(
    '/v1/profile-merges',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['profiles'],
        summary: 'The merges a profile took part in, newest first',
        querystring: z.strictObject({ profile: id, limit: limitSchema }),
        response: { 200: z.object({ items: z.array(mergeSchema) }) },
      },
    },
    async ({ query }) => ({ items: (await merges.of(query.profile, query.limit)).map(shown) }),
  );

  app.post(
    '/v1/profile-merges/:id/undo',
    {
      config: { roles: ['admin'] },
      schema: {
        tags: ['profiles'],
        summary: 'Two profiles again, each with what came with it; the latest merge of a profile first',
        params: z.object({ id }),
        response: { 200: mergeSchema },
      },
    },
    async (request) => {
      await merges.undo(request.params.id, principalOf(request).name);
      return shown(await merges.get(request.params.id));
    },
  );
}

function shown(merge: MergeView | null) {
  if (merge === null) throw new BoucleError('not-found', 'There is no such merge.');
  return { ...merge, won: { ...merge.won } };
}
