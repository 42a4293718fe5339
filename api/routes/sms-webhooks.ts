import type { FastifyRequest } from 'fastify';
import type {} from '@fastify/swagger';
import { z } from 'zod';
import { twilioCode } from '../../adapters/sms/twilio-outcome';
import { verifyTwilio } from '../../adapters/sms/twilio-signature';
import { TWILIO_INBOUND_PATH, TWILIO_STATUS_PATH } from '../../adapters/sms/twilio-urls';
import type { Brand } from '../../domain/creatives/ports';
import { isDeadAddress } from '../../domain/delivery/bounce';
import type { ProviderHappening } from '../../domain/delivery/provider-event';
import { smsAnswer } from '../../domain/delivery/sms-answer';
import { smsWord, type SmsWord } from '../../domain/delivery/sms-word';
import { EVENTS_MAX, eventSchema } from '../../domain/events/event';
import type { ProviderEventsStore, Told } from '../../store/provider-events-store';
import type { SmsRepliesStore } from '../../store/sms-replies-store';
import { parseAs } from '../parse';
import { badSignature, PROVIDER_ID, signedJson, takeRaw, tally } from '../signed-webhook';
import type { App } from '../types';

export interface SmsWebhooksDeps {
  readonly reports: Pick<ProviderEventsStore, 'record'>;
  readonly replies: SmsRepliesStore;
  readonly brands: ReadonlyMap<string, Brand>;
  /** As providers were given it, without a slash at its end: Twilio signs the address it calls. */
  readonly publicUrl: string;
  /** Of the generic provider. */
  readonly secret: string | undefined;
  readonly twilioAuthToken: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const id = z.string().regex(PROVIDER_ID, '1 to 200 visible ASCII characters');
const at = eventSchema.shape.at;
const report = {
  deliveryId: z.int().positive(),
  at,
  id,
  code: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,59}$/)
    .optional(),
};

const smsBody = z.strictObject({
  events: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('delivered'), ...report }),
        z.strictObject({ type: z.literal('undelivered'), ...report }),
        z.strictObject({ type: z.literal('failed'), ...report }),
        z.strictObject({
          type: z.literal('reply'),
          from: z.string().min(3).max(40),
          text: z.string().max(2_000),
          at,
          id,
        }),
      ]),
    )
    .min(1)
    .max(EVENTS_MAX),
});

type SmsEvent = z.infer<typeof smsBody>['events'][number];
type SmsReply = Extract<SmsEvent, { type: 'reply' }>;
type SmsReport = Exclude<SmsEvent, SmsReply>;

const statusCallback = z.object({
  MessageSid: z.string().regex(/^[A-Z]{2}[0-9a-f]{32}$/),
  MessageStatus: z.string().max(40),
  ErrorCode: z.coerce.number().int().positive().optional(),
});
const statusQuery = z.object({ delivery: z.coerce.number().int().positive() });

const inboundMessage = z.object({
  MessageSid: z.string().regex(/^[A-Z]{2}[0-9a-f]{32}$/),
  From: z.string().min(3).max(40),
  Body: z.string().max(2_000).default(''),
  /** With Advanced Opt-Out, Twilio has understood the word itself, in whatever language, and has answered it. */
  OptOutType: z.enum(['STOP', 'HELP', 'START']).optional(),
});

/** Only a number nobody has is dead; a phone that is off is not. */
const bounced = (code: string | null): ProviderHappening => ({
  kind: 'bounced',
  hard: code !== null && isDeadAddress('sms', code),
  code,
});

/** Statuses of twilio.com/docs/messaging/api/message-resource that say something; the others are of no interest. */
const TWILIO_STATUSES: Readonly<Record<string, (code: string | null) => ProviderHappening>> = {
  accepted: () => ({ kind: 'taken' }),
  queued: () => ({ kind: 'taken' }),
  sending: () => ({ kind: 'taken' }),
  sent: () => ({ kind: 'taken' }),
  delivered: () => ({ kind: 'delivered' }),
  undelivered: bounced,
  failed: bounced,
};

/**
 * What SMS providers tell: `POST /webhooks/sms` (signed JSON, SMS_WEBHOOK_SECRET) and Twilio's status callback and
 * incoming messages (signed its own way). A STOP withdraws every marketing consent for SMS of whom the number belongs
 * to. Told again, nothing changes.
 */
export async function smsWebhooksRoutes(app: App, deps: SmsWebhooksDeps): Promise<void> {
  const { reports, replies, brands, now = Date.now } = deps;

  /** What to answer the person; null: nothing. */
  const receive = async (reply: {
    id: string;
    at: Date;
    from: string;
    word: SmsWord;
  }): Promise<string | null> => {
    const to = await replies.receive(reply);
    return to === null ? null : smsAnswer(reply.word, brands.get(to.brand) ?? null, to.locale);
  };

  const record = ({ id, at, type, deliveryId, code }: SmsReport): Promise<Told> =>
    reports.record({
      id,
      at: new Date(at),
      ref: { deliveryId },
      happening: type === 'delivered' ? { kind: type } : bounced(code ?? null),
      by: 'webhook',
    });

  /** One after the other: what somebody wrote last is what holds. */
  const receiveInOrder = async (told: readonly SmsReply[]): Promise<{ id: string; text: string }[]> => {
    const answers: { id: string; text: string }[] = [];
    for (const { id, at, from, text } of told) {
      const answer = await receive({ id, at: new Date(at), from, word: smsWord(text) });
      if (answer !== null) answers.push({ id, text: answer });
    }
    return answers;
  };

  await app.register(async (scope) => {
    takeRaw(scope, 'application/json');
    scope.post('/webhooks/sms', { schema: { hide: true } }, async (request) => {
      const { events } = signedJson(request, deps.secret, now(), smsBody);
      const told = events.flatMap((event) => (event.type === 'reply' ? [] : [event]));
      const [outcomes, answers] = await Promise.all([
        Promise.all(told.map(record)),
        receiveInOrder(events.flatMap((event) => (event.type === 'reply' ? [event] : []))),
      ]);
      return {
        ...tally(
          outcomes,
          told.map((event) => event.deliveryId),
        ),
        answers,
      };
    });
  });

  await app.register(async (scope) => {
    takeRaw(scope, 'application/x-www-form-urlencoded');
    const form = (request: FastifyRequest): Record<string, string> =>
      signedForm(request, deps.publicUrl, deps.twilioAuthToken);

    scope.post(TWILIO_STATUS_PATH, { schema: { hide: true } }, async (request, reply) => {
      const told = parseAs('invalid-request', 'No status callback of Twilio.', statusCallback, form(request));
      const { delivery } = parseAs('invalid-request', 'No delivery.', statusQuery, request.query);
      const happening = TWILIO_STATUSES[told.MessageStatus]?.(
        told.ErrorCode === undefined ? null : twilioCode(told.ErrorCode),
      );
      if (happening !== undefined) {
        await reports.record({
          id: told.MessageSid,
          at: new Date(now()),
          ref: { deliveryId: delivery, providerId: told.MessageSid },
          happening,
          by: 'webhook',
        });
      }
      return reply.code(204).send();
    });

    scope.post(TWILIO_INBOUND_PATH, { schema: { hide: true } }, async (request, reply) => {
      const told = parseAs('invalid-request', 'No message of Twilio.', inboundMessage, form(request));
      const { MessageSid, From, Body, OptOutType } = told;
      const understood = OptOutType === 'STOP' ? 'stop' : OptOutType === 'HELP' ? 'help' : smsWord(Body);
      const answer = await receive({ id: MessageSid, at: new Date(now()), from: From, word: understood });
      return reply.type('text/xml; charset=utf-8').send(twiml(OptOutType === undefined ? answer : null));
    });
  });
}

function signedForm(
  request: FastifyRequest,
  publicUrl: string,
  authToken: string | undefined,
): Record<string, string> {
  const { body } = request;
  const signature = request.headers['x-twilio-signature'];
  const params = new URLSearchParams(Buffer.isBuffer(body) ? body.toString('utf8') : '');
  if (
    authToken === undefined ||
    typeof signature !== 'string' ||
    !verifyTwilio({ authToken, url: `${publicUrl}${request.raw.url ?? ''}`, params, signature })
  ) {
    throw badSignature();
  }
  return Object.fromEntries(params);
}

/** twilio.com/docs/messaging/twiml: an empty response says nothing to the person. */
const twiml = (message: string | null): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Response>${message === null ? '' : `<Message>${escaped(message)}</Message>`}</Response>`;

const escaped = (text: string): string =>
  text.replace(/[<>&]/g, (sign) => (sign === '<' ? '&lt;' : sign === '>' ? '&gt;' : '&amp;'));
