import { z } from 'zod';
import type { Sender } from '../../domain/delivery/ports';
import { smsSegments } from '../../domain/delivery/sms-segments';
import { createPostClient, jsonOf } from '../http/post';
import { twilioOutcome } from './twilio-outcome';

export interface TwilioSenderOptions {
  /** AC… */
  readonly accountSid: string;
  readonly authToken: string;
  /** MG…: Twilio picks the sender; left out, the brand's own sender is From. */
  readonly messagingServiceSid?: string;
  /** Where Twilio tells what became of a delivery's message. */
  readonly statusUrl: (deliveryId: number) => string;
  readonly connections: number;
  /** Left out, Twilio's. */
  readonly apiUrl?: string;
  readonly answerTimeoutMs?: number;
}

/** num_segments is a string, "0" while a messaging service has not picked a sender yet. */
const created = z.object({
  sid: z.string().regex(/^(SM|MM)[0-9a-f]{32}$/),
  num_segments: z.string().optional(),
});

/**
 * Twilio's Messages resource (twilio.com/docs/messaging/api/message-resource). It takes no idempotency key, so a request
 * nobody answered is `uncertain`; its status callback, which carries the delivery's id, settles it.
 */
export function createTwilioSender(options: TwilioSenderOptions): Sender<'sms'> {
  const client = createPostClient({
    connections: options.connections,
    ...(options.answerTimeoutMs === undefined ? {} : { answerTimeoutMs: options.answerTimeoutMs }),
  });
  const url = `${options.apiUrl ?? 'https://api.twilio.com'}/2010-04-01/Accounts/${options.accountSid}/Messages.json`;
  const authorization = `Basic ${Buffer.from(`${options.accountSid}:${options.authToken}`).toString('base64')}`;
  return {
    connections: options.connections,
    idempotent: false,
    async send({ deliveryId, to, from, text }) {
      const form = new URLSearchParams({
        To: to,
        ...(options.messagingServiceSid === undefined
          ? { From: from }
          : { MessagingServiceSid: options.messagingServiceSid }),
        Body: text,
        StatusCallback: options.statusUrl(deliveryId),
      });
      const result = await client.post({
        url,
        headers: {
          authorization,
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
        },
        body: form.toString(),
      });
      if (result.kind !== 'answer' || result.status < 200 || result.status > 299)
        return twilioOutcome(result);
      const message = created.safeParse(jsonOf(result.body)).data;
      return {
        kind: 'accepted',
        providerId: message?.sid ?? '',
        units: Number(message?.num_segments ?? 0) || smsSegments(text).segments,
      };
    },
    close() {
      client.close();
      return Promise.resolve();
    },
  };
}
