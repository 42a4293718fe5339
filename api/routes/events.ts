import { z } from 'zod';
import { EVENT_FAULTS } from '../../domain/events/check-event';
import { EVENTS_MAX, eventSchema } from '../../domain/events/event';
import { BoucleError } from '../../domain/shared/errors';
import type { EventIntake } from '../../store/event-intake';
import { checkedByRoute, parseAs } from '../parse';
import { principalOf } from '../plugins/authentication';
import { takenEventsSchema } from '../schemas/events';
import type { App } from '../types';

/** A thousand events of the largest size. */
const BODY_LIMIT_BYTES = 16 << 20;

const UNSHAPED = 'The event does not have the documented shape.';

const documented = z.union([eventSchema, z.array(eventSchema).min(1).max(EVENTS_MAX)]);
/** Each is checked by itself. */
const one = z.record(z.string(), z.unknown());
const several = z.array(z.unknown()).min(1).max(EVENTS_MAX);

export function eventsRoutes(app: App, { intake }: { intake: EventIntake }): void {
  app.post(
    '/v1/events',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      config: { roles: ['editor'], eachByItself: true },
      schema: {
        tags: ['events'],
        summary: `One event or up to ${EVENTS_MAX}, each counted once by its id`,
        description: `Those that can be used go in; the others are told by their place and wait as dead letters (one alone without the shape of an event is answered 400): ${Object.entries(
          EVENT_FAULTS,
        )
          .map(([code, words]) => `\`${code}\`: ${words}`)
          .join(' ')}`,
        body: checkedByRoute(documented),
        response: { 200: takenEventsSchema },
      },
    },
    async (request) => {
      const { body } = request;
      const by = principalOf(request).name;
      if (Array.isArray(body))
        return intake.take(parseAs('invalid-request', 'The list of events is not one.', several, body), by);
      const taken = await intake.take([parseAs('invalid-request', UNSHAPED, one, body)], by);
      const [refused] = taken.rejected;
      if (refused?.code === 'event-invalid')
        throw new BoucleError('invalid-request', UNSHAPED, refused.faults);
      return taken;
    },
  );
}
