import { createHash } from 'node:crypto';
import fastify from 'fastify';
import { freePort } from '../../stack/ports';
import { createTroubles, type Troubles } from '../support/troubles';

export interface DepositedLetter {
  readonly id: string;
  readonly reference: string;
  readonly kind: string;
  readonly subject: string;
  readonly recipient: { readonly email: string };
  readonly pdf: Buffer;
}

export interface LetterProvider {
  /** What E_LETTER_URL takes. */
  readonly url: string;
  readonly token: string;
  /** Each once, however often it was handed over under its key. */
  readonly letters: readonly DepositedLetter[];
  readonly troubles: Troubles;
  close(): Promise<void>;
}

export interface LetterProviderOptions {
  readonly host?: string;
  readonly port?: number;
  /** People who have not agreed to be served electronically. */
  readonly notAgreed?: readonly string[];
}

interface Deposit {
  readonly reference?: unknown;
  readonly kind?: unknown;
  readonly subject?: unknown;
  readonly locale?: unknown;
  readonly sender?: Readonly<Record<string, unknown>>;
  readonly recipient?: { readonly email?: string };
  readonly document?: Readonly<Record<string, string>>;
}

const TOKEN = 'a-token-for-the-sandbox';

/** A provider of electronic letters: takes what adapters/letters/https-sender.ts documents and refuses anything else. */
export async function startLetterProvider(options: LetterProviderOptions = {}): Promise<LetterProvider> {
  const { host = '127.0.0.1', port = 8030, notAgreed = [] } = options;
  const letters: DepositedLetter[] = [];
  const byKey = new Map<string, { sha256: string; letter: DepositedLetter }>();
  const troubles = createTroubles();
  const app = fastify({ forceCloseConnections: true, bodyLimit: 20 << 20 });

  app.post<{ Body: Deposit }>('/deposits', (request, reply) => {
    const key = request.headers['idempotency-key'];
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      return reply.code(401).send({ code: 'no-token' });
    if (typeof key !== 'string' || key === '') return reply.code(400).send({ code: 'no-idempotency-key' });
    const { reference, kind, subject, locale, sender, recipient, document } = request.body;
    const pdf = Buffer.from(document?.['base64'] ?? '', 'base64');
    const sha256 = createHash('sha256').update(pdf).digest('hex');
    const email = recipient?.email ?? '';
    if (reference !== key || document?.['filename'] !== `d${key}.pdf`)
      return reply.code(400).send({ code: 'malformed' });
    if (kind !== 'lre' && kind !== 'ere') return reply.code(422).send({ code: 'unknown-kind' });
    if (typeof subject !== 'string' || subject === '' || typeof locale !== 'string')
      return reply.code(422).send({ code: 'malformed' });
    if (['name', 'line1', 'postcode', 'city', 'country'].some((field) => !sender?.[field]))
      return reply.code(422).send({ code: 'no-sender' });
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) return reply.code(422).send({ code: 'malformed-address' });
    if (pdf.subarray(0, 5).toString('latin1') !== '%PDF-' || document['sha256'] !== sha256)
      return reply.code(422).send({ code: 'broken-document' });
    if (kind === 'lre' && notAgreed.includes(email)) return reply.code(422).send({ code: 'not-agreed' });
    const known = byKey.get(key);
    if (known !== undefined && known.sha256 !== sha256)
      return reply.code(422).send({ code: 'key-used-otherwise' });
    return troubles.answer(reply, () => {
      const letter = known?.letter ?? {
        id: `dep-${letters.length + 1}`,
        reference: key,
        kind,
        subject,
        recipient: { email },
        pdf,
      };
      if (known === undefined) {
        letters.push(letter);
        byKey.set(key, { sha256, letter });
      }
      return { status: 201, body: { id: letter.id } };
    });
  });

  const url = await app.listen({ host, port: await freePort(port, host) });
  return { url: `${url}/deposits`, token: TOKEN, letters, troubles, close: () => app.close() };
}
