import { z } from 'zod';
import type { Sender } from '../../domain/delivery/ports';
import { RELAY_UNREACHABLE } from '../../domain/delivery/retry-policy';
import { idempotentOutcome } from '../http/idempotent-outcome';
import { createPostClient, jsonOf } from '../http/post';
import { storeLetter } from './letter-folder';
import { renderLetter } from './letter-pdf';

export interface HttpsELetterSenderOptions {
  readonly url: string;
  readonly token: string;
  /** Where the deposited PDFs are kept: what was sent must be shown years later. */
  readonly folder: string;
  readonly connections: number;
  readonly answerTimeoutMs?: number;
  readonly now?: () => Date;
}

const deposited = z.object({ id: z.string().min(1).max(200) });
const refused = z.object({ code: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/) });

/**
 * Deposits electronic letters with a provider (for `lre` a qualified one in the sense of eIDAS) that speaks this:
 *
 *     POST <url>
 *     Authorization: Bearer <token>
 *     Content-Type: application/json
 *     Idempotency-Key: <delivery id>        the same key again answers the first answer and deposits nothing
 *     {"reference": "<delivery id>", "kind": "lre" | "ere", "subject": "…", "locale": "fr",
 *      "sender": {"name", "line1", "line2", "postcode", "city", "country"}, "recipient": {"email": "…"},
 *      "document": {"filename": "d<id>.pdf", "contentType": "application/pdf", "sha256": "<hex>", "base64": "…"}}
 *
 * - 2xx `{"id": "…"}`: deposited. 400, 404, 410, 422 `{"code": "not-agreed"}`: never, and the code is kept (another
 *   step or channel may go on from there). 429 and 5xx, with `Retry-After`: later. 401, 403: our key.
 *
 * Proofs (deposited, delivered, refused…) come to `POST /webhooks/letters`. The bytes deposited are those of the first
 * attempt, kept in `folder`: one key never stands for two documents.
 */
export function createHttpsELetterSender(options: HttpsELetterSenderOptions): Sender<'e-letter'> {
  const { folder, now = () => new Date() } = options;
  const client = createPostClient({
    connections: options.connections,
    ...(options.answerTimeoutMs === undefined ? {} : { answerTimeoutMs: options.answerTimeoutMs }),
  });
  return {
    connections: options.connections,
    idempotent: true,
    async send(letter) {
      if (letter.email === null) return { kind: 'failed', code: 'no-address' };
      let stored;
      try {
        const { pdf } = await renderLetter(letter, now());
        stored = await storeLetter(folder, letter, pdf);
      } catch {
        return { kind: 'retry', code: RELAY_UNREACHABLE };
      }
      const reference = String(letter.deliveryId);
      const result = await client.post({
        url: options.url,
        headers: {
          authorization: `Bearer ${options.token}`,
          'content-type': 'application/json',
          'idempotency-key': reference,
        },
        body: JSON.stringify({
          reference,
          kind: letter.kind,
          subject: letter.subject,
          locale: letter.locale,
          sender: letter.from,
          recipient: { email: letter.email },
          document: {
            filename: `d${reference}.pdf`,
            contentType: 'application/pdf',
            sha256: stored.sha256,
            base64: stored.bytes.toString('base64'),
          },
        }),
      });
      if (result.kind !== 'answer' || result.status < 200 || result.status > 299)
        return idempotentOutcome(result, refusalCode);
      return { kind: 'accepted', providerId: deposited.safeParse(jsonOf(result.body)).data?.id ?? '' };
    },
    close() {
      client.close();
      return Promise.resolve();
    },
  };
}

const refusalCode = (status: number, body: string): string =>
  refused.safeParse(jsonOf(body)).data?.code ?? `http-${status}`;
