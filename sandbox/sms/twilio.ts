import { createHash, createHmac } from 'node:crypto';
import fastify from 'fastify';
import { freePort } from '../../stack/ports';
import { createTroubles, type Troubles } from '../support/troubles';

export interface TwilioMessage {
  readonly sid: string;
  readonly to: string;
  readonly from: string | null;
  readonly body: string;
  readonly statusCallback: string | null;
}

export interface TwilioStandIn {
  /** What TWILIO_API_URL takes. */
  readonly apiUrl: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly messages: readonly TwilioMessage[];
  readonly troubles: Troubles;
  /** Calls back as Twilio does, signed over the address and its fields. Answers the HTTP answer. */
  tell(url: string, fields: Readonly<Record<string, string>>): Promise<Response>;
  close(): Promise<void>;
}

export interface TwilioOptions {
  readonly host?: string;
  readonly port?: number;
  /** Numbers and the code of Twilio's dictionary they are refused with. */
  readonly refused?: Readonly<Record<string, number>>;
}

const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`;
const TOKEN = 'fedcba98765432100123456789abcdef';

/** Fields of twilio.com/docs/messaging/api/message-resource Boucle has a use for; others are refused, as typing errors. */
const FIELDS = new Set(['To', 'From', 'MessagingServiceSid', 'Body', 'StatusCallback']);

/** Twilio's Messages resource in memory, answering what its documentation says, with codes of its dictionary. */
export async function startTwilio(options: TwilioOptions = {}): Promise<TwilioStandIn> {
  const { host = '127.0.0.1', port = 8028, refused = {} } = options;
  const messages: TwilioMessage[] = [];
  const troubles = createTroubles();
  const app = fastify({ forceCloseConnections: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body),
  );

  app.post<{ Params: { account: string } }>(
    '/2010-04-01/Accounts/:account/Messages.json',
    (request, reply) => {
      const fault = (status: number, code: number, message: string) =>
        reply
          .code(status)
          .send({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
      const expected = `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}`;
      if (request.headers.authorization !== expected) return fault(401, 20003, 'Authenticate');
      if (request.params.account !== ACCOUNT)
        return fault(404, 20404, 'The requested resource was not found');
      const form = new URLSearchParams(String(request.body));
      const odd = [...form.keys()].find((name) => !FIELDS.has(name) || form.getAll(name).length > 1);
      if (odd !== undefined) return fault(400, 21100, `Unexpected parameter ${odd}`);
      const [to, from, service] = [form.get('To') ?? '', form.get('From'), form.get('MessagingServiceSid')];
      if (to === '') return fault(400, 21604, "A 'To' phone number is required.");
      if (!/^\+[1-9]\d{6,14}$/.test(to)) return fault(400, 21211, "Invalid 'To' Phone Number");
      if ((from === null) === (service === null))
        return fault(400, 21603, "A 'From' phone number is required.");
      if (service !== null && !/^MG[0-9a-f]{32}$/.test(service))
        return fault(400, 21701, 'The Messaging Service resource does not exist');
      if (from !== null && !/^(\+[1-9]\d{6,14}|\d{5,6}|[A-Za-z0-9 ]{1,11})$/.test(from))
        return fault(400, 21212, "Invalid 'From' Number");
      const body = form.get('Body') ?? '';
      if (body === '') return fault(400, 21602, 'Message body is required.');
      if (body.length > 1_600)
        return fault(400, 21617, 'The concatenated message body exceeds the 1600 character limit.');
      const statusCallback = form.get('StatusCallback');
      if (statusCallback !== null && !URL.canParse(statusCallback))
        return fault(400, 21609, 'Invalid StatusCallback URL');
      const code = refused[to];
      if (code !== undefined) return fault(400, code, 'refused');

      return troubles.answer(reply, () => {
        const sid = `SM${createHash('md5').update(String(messages.length)).digest('hex')}`;
        messages.push({ sid, to, from, body, statusCallback });
        return {
          status: 201,
          body: {
            sid,
            account_sid: ACCOUNT,
            to,
            from,
            body,
            status: service === null ? 'queued' : 'accepted',
            num_segments: service === null ? '1' : '0',
            direction: 'outbound-api',
            error_code: null,
            error_message: null,
          },
        };
      });
    },
  );

  const url = await app.listen({ host, port: await freePort(port, host) });
  return {
    apiUrl: url,
    accountSid: ACCOUNT,
    authToken: TOKEN,
    messages,
    troubles,
    tell: (to, fields) => {
      const signed =
        to +
        Object.entries(fields)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flat()
          .join('');
      return fetch(to, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          'x-twilio-signature': createHmac('sha1', TOKEN).update(signed, 'utf8').digest('base64'),
        },
        body: new URLSearchParams(fields).toString(),
      });
    },
    close: () => app.close(),
  };
}
