import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import type { ImprovementStore } from '../../store/improvement-store';
import { idParams } from '../schemas/common';
import { backlogRowSchema, reportSchema, testLogRowSchema } from '../schemas/report';
import type { App } from '../types';

type Improvement = Pick<ImprovementStore, 'report' | 'backlog' | 'testLog'>;

/** What campaigns came to, and what is to come of them. */
export function improvementRoutes(app: App, { improvement }: { improvement: Improvement }): void {
  app.get(
    '/v1/campaigns/:id/report',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['campaigns'],
        summary:
          'What came of a campaign, as JSON or, by Accept, as Markdown; before the end as far as it has come',
        params: idParams,
        querystring: z.strictObject({ format: z.enum(['json', 'markdown']).optional() }),
        response: {
          200: {
            description: 'The report',
            content: {
              'application/json': { schema: reportSchema },
              'text/markdown': { schema: z.string() },
            },
          },
        },
      },
    },
    async ({ params, query, headers }, reply) => {
      const report = await improvement.report(params.id);
      if (report === null) throw new BoucleError('not-found', 'No such campaign.');
      const wanted =
        query.format ?? (headers.accept?.includes('text/markdown') === true ? 'markdown' : 'json');
      if (wanted === 'json') return reply.send(report.data);
      return reply.type('text/markdown; charset=utf-8').send(report.markdown);
    },
  );

  app.get(
    '/v1/backlog',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['improvement'],
        summary: 'What to try next, the highest priority first',
        response: { 200: z.object({ items: z.array(backlogRowSchema) }) },
      },
    },
    async () => ({ items: await improvement.backlog() }),
  );

  app.get(
    '/v1/test-log',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['improvement'],
        summary: 'What was tried and learnt, the latest first',
        response: { 200: z.object({ items: z.array(testLogRowSchema) }) },
      },
    },
    async () => ({ items: await improvement.testLog() }),
  );
}
