import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import { storableText } from '../../domain/shared/text';
import type { DataQualityStore, QualityPlace } from '../../store/data-quality-store';
import { limitSchema, pageOf, toPage } from '../schemas/common';
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

const answer = pageOf(qualitySchema);
/** As many as the largest page. */
const COUNTED_MAX = 1_000;

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
          after: z.string().max(2_000).optional(),
          limit: limitSchema,
        }),
        response: { 200: answer },
      },
    },
    async ({ query: { from, to, source, field, after, limit } }) => {
      const found = await quality.read({
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(source === undefined ? {} : { source }),
        ...(field === undefined ? {} : { field }),
        ...(after === undefined ? {} : { after: readCursor(after) }),
        limit: limit + 1,
      });
      return toPage(found, limit, cursorOf);
    },
  );

  app.post(
    '/v1/data-quality',
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['sources'],
        summary:
          'Counts again for today, which is otherwise done once a day; `next` goes on with from and to of today',
        response: { 200: answer },
      },
    },
    async () => {
      const today = now().toISOString().slice(0, 10);
      if (!(await quality.count(today))) throw new BoucleError('conflict', 'It is being counted already.');
      const counted = await quality.read({ from: today, to: today, limit: COUNTED_MAX + 1 });
      return toPage(counted, COUNTED_MAX, cursorOf);
    },
  );
}

/** A source may have any name, and so may an attribute: no mark would set them apart. */
const place = z.tuple([day, storableText(1_000), storableText(1_000)]);

const cursorOf = ({ day: counted, source, field }: QualityPlace): string =>
  JSON.stringify([counted, source, field]);

/** Throws invalid-request. */
function readCursor(cursor: string): QualityPlace {
  const read = place.safeParse(parsed(cursor));
  if (!read.success)
    throw new BoucleError('invalid-request', 'The cursor is not one that was given out.', [
      { path: '/query/after', message: 'is not the `next` of a page' },
    ]);
  const [counted, source, field] = read.data;
  return { day: counted, source, field };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
