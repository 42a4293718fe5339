import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import { email, smtpUnderTest } from '../../support/smtp-sender';

const { open, against } = smtpUnderTest();

describe('a relay that offers PIPELINING', () => {
  const offers = ['PIPELINING'];

  it('gets sender, recipient and DATA at once, and one that does not offer it gets them one by one', async () => {
    for (const [given, commands] of [
      [offers, ['MAIL', 'RCPT', 'DATA']],
      [[], ['MAIL']],
    ] as const) {
      const { sender, relay } = await against({ offers: given, mail: () => null }, { answerTimeoutMs: 200 });
      expect(await sender.send(email())).toEqual({ kind: 'retry', code: 'relay-unreachable' });
      expect(relay.seen.slice(1).map((line) => line.slice(0, 4))).toEqual(commands);
    }
  });

  it('gets no byte of the body before it asks for it', async () => {
    const { sender, relay } = await against({
      offers,
      data: () => ({ afterMs: 250, say: '354 go on' }),
    });
    const sent = sender.send(email());
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(relay.seen.map((line) => line.slice(0, 4))).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA']);
    expect(await sent).toMatchObject({ kind: 'accepted' });
    expect(relay.seen.at(-1)).toBe('<body>');
  });

  it.each<[string, (nth: number) => string, string]>([
    ['asks for the body all the same', () => '354 go on', '<no body>'],
    ['refuses DATA too', (nth) => (nth === 2 ? '503 5.5.1 no recipients' : '354 go on'), 'RSET'],
  ])('and refuses one recipient among others, and %s: the neighbours do not notice', async (_, data, end) => {
    const { sender, relay } = await against({
      offers,
      rcpt: (nth) => (nth === 2 ? '550 5.1.1 unknown' : '250 ok'),
      data,
    });
    const outcomes = await Promise.all([1, 2, 3].map((id) => sender.send(email({ deliveryId: id }))));
    expect(outcomes).toEqual([
      { kind: 'accepted', providerId: 'Q1' },
      { kind: 'failed', code: '550 5.1.1' },
      { kind: 'accepted', providerId: 'Q2' },
    ]);
    expect(relay.connections()).toBe(1);
    expect(relay.seen.filter((line) => line.startsWith('<') || line === 'RSET')).toEqual([
      '<body>',
      end,
      '<body>',
    ]);
  });

  it('and refuses the sender but takes the recipient is left: neither a body nor an empty message goes out', async () => {
    const { sender, relay } = await against({
      offers,
      mail: (nth) => (nth === 1 ? '451 4.3.0 later' : '250 ok'),
    });
    expect(await sender.send(email())).toEqual({ kind: 'retry', code: '451 4.3.0' });
    expect(await sender.send(email())).toMatchObject({ kind: 'accepted' });
    expect(relay.seen.filter((line) => line.startsWith('<'))).toEqual(['<body>']);
    expect(relay.connections()).toBe(2);
  });

  it('and goes away in mid session: what had not begun goes out on a new connection, once', async () => {
    const { sender, relay } = await against({
      offers,
      mail: (nth) => (nth === 3 ? '421 4.3.2 closing' : '250 ok'),
    });
    const outcomes = await Promise.all([1, 2, 3, 4].map((id) => sender.send(email({ deliveryId: id }))));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(4).fill('accepted'));
    expect(relay.seen.filter((line) => line === '<body>')).toHaveLength(4);
    expect(relay.connections()).toBe(2);
  });

  it('and says what is no reply is left at once, whatever follows', async () => {
    const { sender } = await against({ offers, rcpt: () => 'hello\r\n250 ok' });
    expect(await sender.send(email())).toEqual({ kind: 'retry', code: 'relay-unreachable' });
    const { sender: later } = await against({ offers, body: () => `299-${'x'.repeat(70_000)}` });
    expect(await later.send(email())).toEqual({ kind: 'uncertain', code: 'connection-lost' });
  });
});

describe('connections', () => {
  it('are kept and never more than asked for', async () => {
    const { sender, relay } = await against({}, { connections: 3 });
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, (_, n) => sender.send(email({ deliveryId: n + 1 }))),
    );
    expect(new Set(outcomes.map((outcome) => outcome.kind))).toEqual(new Set(['accepted']));
    expect(relay.connections()).toBe(3);
    expect(relay.seen.filter((line) => line === '<body>')).toHaveLength(30);
  });

  it('go on after a refusal: the next message on the same one is clean', async () => {
    const { sender, relay } = await against({
      rcpt: (nth) => (nth === 1 ? '550 5.1.1 unknown' : '250 ok'),
    });
    expect(await sender.send(email())).toEqual({ kind: 'failed', code: '550 5.1.1' });
    expect(await sender.send(email())).toMatchObject({ kind: 'accepted' });
    expect(relay.connections()).toBe(1);
    expect(relay.seen).toContain('RSET');
  });

  it('that the relay closed while they stood idle are replaced, and the message goes out once', async () => {
    const { sender, relay } = await against({
      mail: (nth) => (nth === 2 ? '421 4.4.2 idle too long' : '250 ok'),
    });
    expect(await sender.send(email())).toMatchObject({ kind: 'accepted' });
    expect(await sender.send(email())).toMatchObject({ kind: 'accepted' });
    expect(relay.connections()).toBe(2);
    expect(relay.seen.filter((line) => line === '<body>')).toHaveLength(2);
  });
});

it('writes a message that reads back as it was meant', async () => {
  let source = '';
  let envelope: unknown;
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, session, done) => {
      envelope = [session.envelope.mailFrom, session.envelope.rcptTo[0]].map((to) =>
        to ? to.address : null,
      );
      stream.on('data', (chunk: Buffer) => (source += chunk.toString('latin1')));
      stream.on('end', () => done());
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const sender = createSmtpSender({
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    connections: 1,
  });
  open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) }, sender);
  const sent = email({ to: { name: 'Zoé "Z" Ångström', address: 'zoe@Bücher.example' } });
  expect(await sender.send(sent)).toMatchObject({ kind: 'accepted' });

  // On the wire the domain is ASCII; this server turns it back.
  expect(envelope).toEqual([sent.from.address, 'zoe@bücher.example']);
  expect(source).toContain('<zoe@xn--bcher-kva.example>');
  const mail = await PostalMime.parse(source);
  expect(mail.subject).toBe(sent.subject);
  expect(mail.from).toMatchObject({ name: sent.from.name, address: sent.from.address });
  expect(mail.to?.[0]).toMatchObject({ name: 'Zoé "Z" Ångström' });
  expect(mail.messageId).toBe(sent.messageId);
  expect(mail.html?.trimEnd()).toBe(sent.html.trimEnd());
  expect(mail.text?.trimEnd()).toBe(sent.text.trimEnd());
  const [head = '', ...bodies] = source.split('\r\n\r\n');
  const headers = head.split('\r\n');
  expect(headers).toContain(`List-Unsubscribe: ${sent.headers['List-Unsubscribe'] ?? ''}`);
  expect(headers).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  expect(
    Math.max(
      ...bodies
        .join('\r\n')
        .split('\r\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(76);
  expect(/^[\x00-\x7f]*$/.test(source)).toBe(true);
  expect(source.indexOf('text/plain')).toBeLessThan(source.indexOf('text/html'));
});

it('cannot be made to write another header or recipient', async () => {
  const { sender, relay } = await against({});
  await sender.send(
    email({
      subject: 'x\r\nBcc: y@z.test',
      headers: { 'X-A': 'b\r\nBcc: c@d.test' },
      to: { name: 'n\r\nBcc: e@f.test', address: 'a@b.test' },
    }),
  );
  expect(relay.seen.filter((line) => line.startsWith('RCPT'))).toHaveLength(1);
});

it('hands over a message that is written already as it is, its dots doubled, from its own return path', async () => {
  const { sender, relay } = await against({});
  const mime = 'To: camille@example.test\r\nSubject: x\r\n\r\n.dot\r\n..two\r\n.\r\nend';
  const returnPath = 'bounce+0a@retour.example.test';
  expect(await sender.send(email({ mime, returnPath }))).toMatchObject({ kind: 'accepted' });
  expect(relay.seen).toContain('MAIL FROM:<bounce+0a@retour.example.test>');
  expect(relay.bodies).toEqual([
    'To: camille@example.test\r\nSubject: x\r\n\r\n..dot\r\n...two\r\n..\r\nend',
  ]);
});
