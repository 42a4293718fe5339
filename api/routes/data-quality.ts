import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import type { DataQualityStore } from '../../store/data-quality-store';
import type { App } from '../types';

const day = z.iso.date();

const qualitySchema = z
  .object({
    day,
    source: z.string().describe('`*` is everybody.'),
    field: z.string().describe('A field, or `attributes.<name>`.'),
    profiles: z.int().describe('Those the source has said something of.'),
    missing: z.int(),
    doubtful: z.int().describe('Values of the source that a consistency rule does not believe.'),
    stale: z.int().describe('Values the source said longer ago than its `staleDays`.'),
    duplicate: z
      .int()
      .describe('`phone`: the same one; `lastName`: the same names and birth date or postcode.'),
  })
  .meta({ id: 'DataQuality' });

const answer = z.object({ items: z.array(qualitySchema) });

/** How good what is known of people is, by field, source and day. */
export function dataQualityRoutes(
  app: App,
  { quality, now }: { quality: DataQualityStore; now: () => Date },
): void {
  app.get(
    '/v1/data-quality',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['sources'],
        summary:
          'Missing, doubtful, stale and duplicate, by field, source and day; without days the last count',
        querystring: z.strictObject({
          from: day.optional(),
          to: day.optional(),
          source: z.string().min(1).max(100).optional(),
          field: z.string().min(1).max(100).optional(),
        }),
        response: { 200: answer },
      },
    },
    async ({ query: { from, to, source, field } }) => ({
      items: await quality.read({
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(source === undefined ? {} : { source }),
        ...(field === undefined ? {} : { field }),
      }),
    }),
  );

  app.post(
    '/v1/data-quality',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['sources'],
        summary: 'Counts again for today, which is otherwise done once a day',
        response: { 200: answer },
      },
    },
    async () => {
      const today = now().toISOString().slice(0, 10);
      if (!(await quality.count(today))) throw new BoucleError('conflict', 'It is being counted already.');
      return { items: await quality.read({ from: today, to: today }) };
    },
  );
}
