import { z } from 'zod';
import { EVENTS_MAX, eventSchema } from '../../domain/events/event';
import type { EventsStore } from '../../store/events-store';
import type { App } from '../types';

/** A thousand events of the largest size. */
const BODY_LIMIT_BYTES = 16 << 20;

export function eventsRoutes(app: App, { events }: { events: EventsStore }): void {
  app.post(
    '/v1/events',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      config: { roles: ['editor'] },
      schema: {
        tags: ['events'],
        summary: `One event or up to ${EVENTS_MAX}, each counted once by its id`,
        body: z.union([eventSchema, z.array(eventSchema).min(1).max(EVENTS_MAX)]),
        response: {
          200: z.object({
            accepted: z.int(),
            duplicates: z.int(),
            rejected: z.array(z.object({ index: z.int(), code: z.string() })),
          }),
        },
      },
    },
    async ({ body }) => {
      const { accepted, duplicates, rejected } = await events.append(Array.isArray(body) ? body : [body]);
      return { accepted, duplicates, rejected: [...rejected] };
    },
  );
}
