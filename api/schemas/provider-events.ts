import { z } from 'zod';
import { EVENTS_MAX, eventSchema } from '../../domain/events/event';
import { messageIdRef, type DeliveryRef, type ProviderHappening } from '../../domain/delivery/provider-event';

/** The provider's own, kept with the event so that the two can be compared. */
const id = z.string().regex(/^[\x21-\x7e]{1,200}$/, '1 to 200 visible ASCII characters');
const { at } = eventSchema.shape;

export const complaintsBody = z.strictObject({
  events: z
    .array(z.strictObject({ type: z.literal('complaint'), deliveryId: z.int().positive(), at, id }))
    .min(1)
    .max(EVENTS_MAX),
});

/** Numbers alone: the words of a server repeat addresses. */
const code = z
  .string()
  .regex(
    /^([245]\d\d|[245]\.\d{1,3}\.\d{1,3}|[245]\d\d [245]\.\d{1,3}\.\d{1,3})$/,
    'as `550`, `5.1.1` or `550 5.1.1`',
  );

/** Which message: exactly one of the three. */
const message = {
  deliveryId: z.int().positive().optional(),
  /** What the relay answered when it took it. */
  providerId: z.string().min(1).max(200).optional(),
  messageId: z.string().min(1).max(300).optional(),
};
const named = (event: { deliveryId?: unknown; providerId?: unknown; messageId?: unknown }): boolean =>
  [event.deliveryId, event.providerId, event.messageId].filter((name) => name !== undefined).length === 1;
const oneName = 'exactly one of deliveryId, providerId, messageId';

const emailEvent = z.union([
  z
    .strictObject({ type: z.enum(['delivered', 'deferred', 'complained']), id, at, ...message })
    .refine(named, oneName),
  z
    .strictObject({
      type: z.literal('bounced'),
      /** hard: it will never arrive there. */
      bounce: z.enum(['hard', 'soft']),
      code: code.optional(),
      id,
      at,
      ...message,
    })
    .refine(named, oneName),
]);
export type EmailEvent = z.infer<typeof emailEvent>;

export const emailEventsBody = z.strictObject({ events: z.array(emailEvent).min(1).max(EVENTS_MAX) });

/** null: a Message-ID that is none of ours. */
export function refOf({ deliveryId, providerId, messageId }: EmailEvent): DeliveryRef | null {
  if (deliveryId !== undefined) return { deliveryId };
  if (providerId !== undefined) return { providerId };
  return messageIdRef(messageId ?? '');
}

export const happeningOf = (event: EmailEvent): ProviderHappening =>
  event.type === 'bounced'
    ? { kind: 'bounced', hard: event.bounce === 'hard', code: event.code ?? null }
    : { kind: event.type };
