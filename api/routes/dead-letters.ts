import { z } from 'zod';
import { EVENTS_MAX, eventSchema } from '../../domain/events/event';
import { BoucleError } from '../../domain/shared/errors';
import type { DeadLettersStore } from '../../store/dead-letters-store';
import type { EventIntake } from '../../store/event-intake';
import { checkedByRoute } from '../parse';
import { principalOf } from '../plugins/authentication';
import { limitSchema, pageOf, toPage } from '../schemas/common';
import { deadLetterSchema, replayedLettersSchema, takenEventsSchema } from '../schemas/events';
import type { App } from '../types';

const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const params = z.object({ id });
const PATH = '/v1/event-dead-letters';

export interface DeadLettersDeps {
  readonly deadLetters: DeadLettersStore;
  readonly intake: EventIntake;
}

/** Events that could not be used: looked at, mended, replayed, or thrown away. They name people. */
export function deadLettersRoutes(app: App, { deadLetters, intake }: DeadLettersDeps): void {
  const none = () => new BoucleError('not-found', 'No such dead letter waits.');

  app.get(
    PATH,
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['events'],
        summary: 'Events that could not be used and why, the oldest first',
        querystring: z.strictObject({
          reason: z.string().max(60).optional(),
          all: z.stringbool().default(false).describe('Also those that were replayed.'),
          after: id.optional(),
          limit: limitSchema,
        }),
        response: { 200: pageOf(deadLetterSchema) },
      },
    },
    async ({ query: { reason, all, after, limit } }) =>
      toPage(await deadLetters.list({ reason, all, after: after ?? 0, limit: limit + 1 }), limit, (one) =>
        String(one.id),
      ),
  );

  app.post(
    `${PATH}/replay`,
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['events'],
        summary: 'Tries some again, by their ids or all of a reason, page by page',
        body: z.union([
          z.strictObject({ ids: z.array(z.int().positive()).min(1).max(EVENTS_MAX) }),
          z.strictObject({
            reason: z.string().min(1).max(60),
            after: id.optional(),
            limit: z.int().min(1).max(EVENTS_MAX).default(EVENTS_MAX),
          }),
        ]),
        response: { 200: replayedLettersSchema },
      },
    },
    async ({ body }) => {
      if ('ids' in body) return { ...(await intake.replay(body.ids)), next: null };
      const { reason, after, limit } = body;
      const found = await deadLetters.list({ reason, after: after ?? 0, limit: limit + 1 });
      const { items, next } = toPage(found, limit, (one) => String(one.id));
      return { ...(await intake.replay(items.map((one) => one.id))), next };
    },
  );

  app.put(
    `${PATH}/:id`,
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['events'],
        summary: 'The event as it should have been: it is tried in place of the one that waits',
        params,
        body: checkedByRoute(eventSchema.meta({ description: 'Checked like any event.' })),
        response: { 200: takenEventsSchema },
      },
    },
    async (request) => {
      const taken = await intake.mend(request.params.id, request.body, principalOf(request).name);
      if (taken === null) throw none();
      return taken;
    },
  );

  app.delete(
    `${PATH}/:id`,
    {
      config: { roles: ['editor'] },
      schema: {
        tags: ['events'],
        summary: 'Throws one away',
        params,
        response: { 204: z.null() },
      },
    },
    async ({ params: { id: given } }, reply) => {
      if (!(await deadLetters.remove(given))) throw none();
      return reply.code(204).send(null);
    },
  );
}
