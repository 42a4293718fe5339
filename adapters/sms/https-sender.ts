import { z } from 'zod';
import { UNKNOWN_NUMBER } from '../../domain/delivery/bounce';
import type { Sender } from '../../domain/delivery/ports';
import { smsSegments } from '../../domain/delivery/sms-segments';
import { idempotentOutcome } from '../http/idempotent-outcome';
import { createPostClient, jsonOf } from '../http/post';

export interface HttpsSmsSenderOptions {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
  readonly answerTimeoutMs?: number;
}

const accepted = z.object({
  id: z.string().min(1).max(200),
  segments: z.int().min(1).max(100).optional(),
});
const refused = z.object({ code: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/) });

/**
 * Any SMS provider, or a small bridge to one, that speaks this:
 *
 *     POST <url>
 *     Authorization: Bearer <token>
 *     Content-Type: application/json
 *     Idempotency-Key: <delivery id>        the same key again answers the first answer and sends nothing
 *     {"to": "+33612345678", "from": "MAISON", "text": "…", "reference": "<delivery id>"}
 *
 * - 2xx `{"id": "…", "segments": 2}`: accepted; `id` is the provider's own, `segments` what it bills (left out, ours).
 * - 400, 404, 410, 422 `{"code": "unknown-number"}`: never to be sent; the code is kept, and that one buries the number.
 * - 429 and 5xx, with `Retry-After` where it is known: later. 401, 403: our key, not the message.
 *
 * What became of a message afterwards, and answers of people, come to `POST /webhooks/sms`.
 */
export function createHttpsSmsSender(options: HttpsSmsSenderOptions): Sender<'sms'> {
  const client = createPostClient({
    connections: options.connections,
    ...(options.answerTimeoutMs === undefined ? {} : { answerTimeoutMs: options.answerTimeoutMs }),
  });
  return {
    connections: options.connections,
    idempotent: true,
    async send({ deliveryId, to, from, text }) {
      const reference = String(deliveryId);
      const result = await client.post({
        url: options.url,
        headers: {
          authorization: `Bearer ${options.token}`,
          'content-type': 'application/json',
          'idempotency-key': reference,
        },
        body: JSON.stringify({ to, from, text, reference }),
      });
      if (result.kind !== 'answer' || result.status < 200 || result.status > 299)
        return idempotentOutcome(result, refusalCode);
      const answer = accepted.safeParse(jsonOf(result.body)).data;
      return {
        kind: 'accepted',
        providerId: answer?.id ?? '',
        units: answer?.segments ?? smsSegments(text).segments,
      };
    },
    close() {
      client.close();
      return Promise.resolve();
    },
  };
}

const refusalCode = (status: number, body: string): string =>
  refused.safeParse(jsonOf(body)).data?.code ?? (status === 410 ? UNKNOWN_NUMBER : `http-${status}`);
