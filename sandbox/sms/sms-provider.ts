import fastify from 'fastify';
import { freePort } from '../../stack/ports';
import { createTroubles, type Troubles } from '../support/troubles';

export interface ReceivedSms {
  readonly id: string;
  readonly to: string;
  readonly from: string;
  readonly text: string;
  readonly reference: string;
}

export interface SmsProvider {
  /** What SMS_URL takes. */
  readonly url: string;
  readonly token: string;
  /** Each once, however often it was handed over under its key. */
  readonly messages: readonly ReceivedSms[];
  readonly troubles: Troubles;
  close(): Promise<void>;
}

export interface SmsProviderOptions {
  readonly host?: string;
  readonly port?: number;
  /** Numbers nobody has. */
  readonly unknown?: readonly string[];
}

const TOKEN = 'a-token-for-the-sandbox';
const FIELDS = ['from', 'reference', 'text', 'to'];

/** An SMS provider of the generic kind: takes what adapters/sms/https-sender.ts documents and refuses anything else. */
export async function startSmsProvider(options: SmsProviderOptions = {}): Promise<SmsProvider> {
  const { host = '127.0.0.1', port = 8027, unknown = [] } = options;
  const messages: ReceivedSms[] = [];
  const byKey = new Map<string, { body: string; message: ReceivedSms }>();
  const troubles = createTroubles();
  const app = fastify({ forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  );

  app.post('/messages', (request, reply) => {
    const body = String(request.body);
    const key = request.headers['idempotency-key'];
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      return reply.code(401).send({ code: 'no-token' });
    if (typeof key !== 'string' || key === '') return reply.code(400).send({ code: 'no-idempotency-key' });
    const asked = fieldsOf(body);
    if (asked === null || asked.reference !== key) return reply.code(400).send({ code: 'malformed' });
    if (!/^\+[1-9]\d{6,14}$/.test(asked.to)) return reply.code(422).send({ code: 'malformed-number' });
    if (!/^(\+?\d{3,15}|[A-Za-z0-9 ]{1,11})$/.test(asked.from))
      return reply.code(422).send({ code: 'malformed-sender' });
    if (asked.text === '' || asked.text.length > 1_600)
      return reply.code(422).send({ code: 'malformed-text' });
    if (unknown.includes(asked.to)) return reply.code(422).send({ code: 'unknown-number' });
    const known = byKey.get(key);
    if (known !== undefined && known.body !== body)
      return reply.code(422).send({ code: 'key-used-otherwise' });
    return troubles.answer(reply, () => {
      const message = known?.message ?? { id: `sms-${messages.length + 1}`, ...asked };
      if (known === undefined) {
        messages.push(message);
        byKey.set(key, { body, message });
      }
      return { status: 200, body: { id: message.id } };
    });
  });

  const url = await app.listen({ host, port: await freePort(port, host) });
  return { url: `${url}/messages`, token: TOKEN, messages, troubles, close: () => app.close() };
}

function fieldsOf(body: string): Omit<ReceivedSms, 'id'> | null {
  try {
    const parsed = JSON.parse(body) as Record<string, unknown>;
    const strings = Object.values(parsed).every((value) => typeof value === 'string');
    return strings && Object.keys(parsed).sort().join() === FIELDS.join()
      ? (parsed as unknown as Omit<ReceivedSms, 'id'>)
      : null;
  } catch {
    return null;
  }
}
