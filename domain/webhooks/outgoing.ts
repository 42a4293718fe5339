import { z } from 'zod';

/** What a subscriber can be told of. */
export const WEBHOOK_EVENTS = [
  'consent.withdrawn',
  'incident.opened',
  'campaign.ended',
  'campaign.yielded',
  'segment.entered',
  'segment.left',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export const webhookEventsSchema = z
  .array(z.enum(WEBHOOK_EVENTS))
  .min(1)
  .max(WEBHOOK_EVENTS.length)
  .transform((events) => [...new Set(events)]);

const GIVE_UP_AFTER_SECONDS = 86_400;
const FIRST_DELAY_SECONDS = 5;
const LONGEST_DELAY_SECONDS = 4 * 3_600;

/**
 * Seconds until a receiver that failed is tried again: 5, 15, 45… to four hours; null where that would be more than a
 * day after the event: given up. `attempts` counts those made, `ageSeconds` is the event's.
 */
export function retryInSeconds(attempts: number, ageSeconds: number): number | null {
  const delay = Math.min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 3 ** Math.max(0, attempts - 1));
  return ageSeconds + delay > GIVE_UP_AFTER_SECONDS ? null : delay;
}

/** One event to one receiver. `eventId` is what a receiver tells repeats by: delivery is at least once. */
export interface OutgoingWebhook {
  readonly url: string;
  readonly secret: string;
  readonly eventId: string;
  readonly event: string;
  readonly createdAt: Date;
  readonly payload: unknown;
}

/** `gone`: the receiver wants no more of them (410). `failed`: anything that may be better later; status null: no answer. */
export type WebhookOutcome =
  | { readonly kind: 'delivered'; readonly status: number }
  | { readonly kind: 'gone' }
  | { readonly kind: 'failed'; readonly status: number | null };

export interface WebhookSender {
  /** Never throws. */
  send(webhook: OutgoingWebhook): Promise<WebhookOutcome>;
  close(): void;
}
