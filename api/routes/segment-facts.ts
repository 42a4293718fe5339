import { IANAZone } from 'luxon';
import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import type { SegmentKpis } from '../../store/segments/kpis';
import type { Overlap, SegmentUse } from '../../store/segments/uses';
import type { LiveSegment, Segment } from '../../store/segments-store';
import { keyParams } from '../schemas/common';
import type { App } from '../types';

const share = z.number().nullable().describe('null: of nobody.');

const kpisSchema = z
  .object({
    segment: z.string(),
    asOf: z.date(),
    days: z.int(),
    members: z.int(),
    buyers: z.int().describe('Members with a purchase in the period.'),
    conversion: share.describe('buyers / members.'),
    purchases30Days: z.int().describe('In the last 30 × 24 hours, whatever the period.'),
    purchaseFrequency30Days: share.describe('purchases30Days / members.'),
    orders: z
      .array(z.object({ currency: z.string(), orders: z.int(), valueCents: z.int(), meanCents: z.int() }))
      .readonly(),
    messages: z.object({
      accepted: z.int(),
      opened: z.int().describe('Only of who agreed to their openings being measured.'),
      clicked: z.int(),
      bounced: z.int(),
      clickRate: share,
      bounceRate: share,
    }),
    byDay: z.array(z.object({ day: z.string(), purchases: z.int(), buyers: z.int() })).readonly(),
  })
  .meta({ id: 'SegmentKpis' });

const zone = z
  .string()
  .max(60)
  .refine((name) => IANAZone.isValidZone(name), 'a time zone such as Europe/Paris')
  .default('Europe/Paris');

export interface SegmentFactsDeps {
  readonly get: (key: string) => Promise<Segment | null>;
  readonly live: (key: string) => Promise<LiveSegment | null>;
  readonly kpis: (given: { segment: string; days: number; zone: string }) => Promise<SegmentKpis>;
  readonly overlaps: (key: string) => Promise<Overlap[]>;
  readonly uses: (key: string) => Promise<SegmentUse[]>;
}

/** What is to be known of the people in a segment, and of what hangs on it. */
export function segmentFactsRoutes(app: App, { get, live, kpis, overlaps, uses }: SegmentFactsDeps): void {
  const known = async (key: string): Promise<string> => {
    if ((await live(key)) === null) throw new BoucleError('not-found', 'No such segment is live.');
    return key;
  };

  app.get(
    '/v1/segments/:key/kpis',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['segments'],
        summary:
          'What the people in a segment did: purchases, orders, messages, with the counts behind each figure',
        params: keyParams,
        querystring: z.strictObject({ days: z.coerce.number().int().min(1).max(730).default(30), zone }),
        response: { 200: kpisSchema },
      },
    },
    async ({ params, query }) => kpis({ segment: await known(params.key), ...query }),
  );

  app.get(
    '/v1/segments/:key/overlaps',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['segments'],
        summary: 'How many of its people are in each other segment too',
        params: keyParams,
        response: {
          200: z.object({
            items: z.array(z.object({ segment: z.string(), members: z.int(), both: z.int() })),
          }),
        },
      },
    },
    async ({ params }) => ({ items: await overlaps(await known(params.key)) }),
  );

  app.get(
    '/v1/segments/:key/uses',
    {
      config: { roles: ['viewer'] },
      schema: {
        tags: ['segments'],
        summary: 'What names the segment: open campaigns, scenarios, caps, personas, other segments',
        params: keyParams,
        response: {
          200: z.object({
            items: z.array(
              z.object({
                kind: z.enum(['campaign', 'cap', 'persona', 'scenario', 'segment']),
                key: z.string(),
                as: z.string(),
              }),
            ),
          }),
        },
      },
    },
    async ({ params }) => {
      // Also of one that is not live: a draft may name it.
      if ((await get(params.key)) === null) throw new BoucleError('not-found', 'No such segment.');
      return { items: await uses(params.key) };
    },
  );
}
