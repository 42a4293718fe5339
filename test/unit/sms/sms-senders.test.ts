import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createHttpsSmsSender } from '../../../adapters/sms/https-sender';
import { createLogSmsSender } from '../../../adapters/sms/log-sender';
import { signTwilio, verifyTwilio } from '../../../adapters/sms/twilio-signature';
import { createTwilioSender } from '../../../adapters/sms/twilio-sender';
import { twilioStatusUrl } from '../../../adapters/sms/twilio-urls';
import type { OutgoingSms, Sender } from '../../../domain/delivery/ports';
import { startSmsProvider, type SmsProvider } from '../../../sandbox/sms/sms-provider';
import { startTwilio, type TwilioStandIn } from '../../../sandbox/sms/twilio';

const NOBODY = '+33600000001';
const LANDLINE = '+33140000001';
const STOPPED = '+33600000002';
const sms = (change: Partial<OutgoingSms> = {}): OutgoingSms => ({
  deliveryId: 7,
  to: '+33612345678',
  from: 'MAISON',
  text: 'Bonjour €',
  ...change,
});
const ids = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** An address nothing listens at. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('a generic provider', () => {
  let provider: SmsProvider;
  let sender: Sender<'sms'>;
  beforeEach(async () => {
    provider = await startSmsProvider({ port: 0, unknown: [NOBODY] });
    sender = createHttpsSmsSender({ ...provider, connections: 4, answerTimeoutMs: 300 });
  });
  afterEach(async () => {
    await sender.close();
    await provider.close();
  });

  test('takes messages as the contract has them, and says what it bills', async () => {
    const outcomes = await Promise.all(
      ids(20).map((deliveryId) => sender.send(sms({ deliveryId, text: 'é'.repeat(200) }))),
    );
    expect(outcomes.every((o) => o.kind === 'accepted' && o.units === 2)).toBe(true);
    expect(provider.messages).toHaveLength(20);
    expect(provider.messages[0]).toMatchObject({ to: '+33612345678', from: 'MAISON' });
    expect(sender.idempotent).toBe(true);
  });

  test('a lost answer is asked for again under the same key: one message', async () => {
    provider.troubles.next({ kind: 'lose-answer' }, { kind: 'never-answer' });
    expect(await sender.send(sms())).toEqual({ kind: 'retry', code: 'connection-lost' });
    expect(await sender.send(sms())).toEqual({ kind: 'retry', code: 'no-answer' });
    expect(await sender.send(sms())).toMatchObject({ kind: 'accepted', providerId: 'sms-1' });
    expect(provider.messages).toHaveLength(1);
  });

  test.each([
    [429, { 'retry-after': '30' }, { kind: 'retry', code: 'http-429', retryAfterSeconds: 30 }],
    [503, {}, { kind: 'retry', code: 'http-503' }],
    // Whether it was taken nobody knows: never a failure, however often.
    [500, {}, { kind: 'retry', code: 'no-answer' }],
    [504, {}, { kind: 'retry', code: 'no-answer' }],
    [409, {}, { kind: 'retry', code: 'no-answer' }],
    [401, {}, { kind: 'retry', code: 'relay-refused' }],
    [422, {}, { kind: 'failed', code: 'http-422' }],
    [410, {}, { kind: 'failed', code: 'unknown-number' }],
  ])('%i is understood', async (status, headers, outcome) => {
    provider.troubles.next({ kind: 'refuse', status, headers: { ...headers } });
    expect(await sender.send(sms())).toEqual(outcome);
    expect(provider.messages).toHaveLength(0);
  });

  test('Retry-After may be a date', async () => {
    const at = new Date(Date.now() + 90_000).toUTCString();
    provider.troubles.next({ kind: 'refuse', status: 429, headers: { 'retry-after': at } });
    const outcome = await sender.send(sms());
    expect(outcome.kind === 'retry' ? outcome.retryAfterSeconds : null).toBeGreaterThan(80);
  });

  test('a number nobody has is final by its own code; nobody listening is the provider’s fault, not the message’s', async () => {
    expect(await sender.send(sms({ to: NOBODY }))).toEqual({ kind: 'failed', code: 'unknown-number' });
    const lost = createHttpsSmsSender({ url: await nowhere(), token: 'x', connections: 1 });
    expect(await lost.send(sms())).toEqual({ kind: 'retry', code: 'relay-unreachable' });
    await lost.close();
  });
});

describe('Twilio', () => {
  let twilio: TwilioStandIn;
  let sender: Sender<'sms'>;
  const open = (more: Partial<Parameters<typeof createTwilioSender>[0]> = {}) =>
    createTwilioSender({
      ...twilio,
      statusUrl: (id) => twilioStatusUrl('https://boucle.example', id),
      connections: 4,
      answerTimeoutMs: 300,
      ...more,
    });
  beforeEach(async () => {
    twilio = await startTwilio({
      port: 0,
      refused: { [LANDLINE]: 21614, [STOPPED]: 21610, [NOBODY]: 21211 },
    });
    sender = open();
  });
  afterEach(async () => {
    await sender.close();
    await twilio.close();
  });

  test('takes messages as its reference has them, with where to say what became of each', async () => {
    const outcomes = await Promise.all(ids(20).map((deliveryId) => sender.send(sms({ deliveryId }))));
    expect(
      outcomes.every((o) => o.kind === 'accepted' && o.units === 1 && /^SM[0-9a-f]{32}$/.test(o.providerId)),
    ).toBe(true);
    expect(twilio.messages.map((m) => m.statusCallback).sort()).toEqual(
      ids(20)
        .map((n) => `https://boucle.example/webhooks/sms/twilio/status?delivery=${n}`)
        .sort(),
    );
    expect(twilio.messages[0]).toMatchObject({ to: '+33612345678', from: 'MAISON', body: 'Bonjour €' });
    expect(sender.idempotent).toBe(false);
  });

  test('a messaging service picks the sender; segments are then counted here', async () => {
    const service = open({ messagingServiceSid: `MG${'0'.repeat(32)}` });
    expect(await service.send(sms({ text: 'ê'.repeat(80) }))).toMatchObject({ kind: 'accepted', units: 2 });
    expect(twilio.messages[0]?.from).toBeNull();
    await service.close();
  });

  test.each([
    [NOBODY, 'unknown-number'],
    [LANDLINE, 'unknown-number'],
    [STOPPED, 'twilio-21610'],
  ])('%s is refused for good', async (to, code) => {
    expect(await sender.send(sms({ to }))).toEqual({ kind: 'failed', code });
  });

  test.each([
    [
      'too many requests',
      429,
      { code: 20429 },
      { kind: 'retry', code: 'twilio-20429', retryAfterSeconds: 2 },
    ],
    [
      'out of service, in its own words',
      503,
      { code: 20503 },
      { kind: 'retry', code: 'twilio-20503', retryAfterSeconds: 2 },
    ],
    ['a gateway in front of it', 503, '<html>', { kind: 'uncertain', code: 'http-503' }],
    ['a gateway that waited in vain', 504, '', { kind: 'uncertain', code: 'http-504' }],
    ['an error of its own', 500, { code: 20500 }, { kind: 'uncertain', code: 'http-500' }],
  ])('%s', async (_case, status, body, outcome) => {
    twilio.troubles.next({ kind: 'refuse', status, headers: { 'retry-after': '2' }, body });
    expect(await sender.send(sms())).toEqual(outcome);
  });

  test('what was on the wire and is not answered is uncertain: Twilio may have it', async () => {
    twilio.troubles.next({ kind: 'lose-answer' }, { kind: 'never-answer' });
    expect(await sender.send(sms())).toEqual({ kind: 'uncertain', code: 'connection-lost' });
    expect(await sender.send(sms())).toEqual({ kind: 'uncertain', code: 'no-answer' });
    expect(twilio.messages).toHaveLength(2);
  });

  test('what never left is not: nobody listening, an account it does not know, a wrong token', async () => {
    const lost = open({ apiUrl: await nowhere() });
    expect(await lost.send(sms())).toEqual({ kind: 'retry', code: 'relay-unreachable' });
    const stranger = open({ accountSid: `AC${'f'.repeat(32)}` });
    expect(await stranger.send(sms())).toEqual({ kind: 'retry', code: 'relay-refused' });
    const wrong = open({ authToken: 'not-the-token-of-it' });
    expect(await wrong.send(sms())).toEqual({ kind: 'retry', code: 'relay-refused' });
    await Promise.all([lost, stranger, wrong].map((s) => s.close()));
    expect(twilio.messages).toHaveLength(0);
  });

  /** The example Twilio's own documentation and libraries test with. */
  test('signatures are those of its documentation', () => {
    const call = {
      authToken: '12345',
      url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
      params: new URLSearchParams({
        CallSid: 'CA1234567890ABCDE',
        Caller: '+12349013030',
        Digits: '1234',
        From: '+12349013030',
        To: '+18005551212',
      }),
    };
    expect(signTwilio(call)).toBe('0/KCTR6DLpKmkAf8muzZqo1nDgQ=');
    expect(verifyTwilio({ ...call, signature: '0/KCTR6DLpKmkAf8muzZqo1nDgQ=' })).toBe(true);
    expect(
      verifyTwilio({ ...call, url: `${call.url}&baz=3`, signature: '0/KCTR6DLpKmkAf8muzZqo1nDgQ=' }),
    ).toBe(false);
    expect(verifyTwilio({ ...call, signature: '' })).toBe(false);
  });
});

test('without a provider nothing is sent, and the log has no number and no word', async () => {
  const lines: unknown[] = [];
  const sender = createLogSmsSender((line) => lines.push(line));
  expect(await sender.send(sms())).toEqual({ kind: 'accepted', providerId: 'log-7', units: 1 });
  expect(lines).toEqual([{ deliveryId: 7, segments: 1 }]);
});
