import { createServer, type AddressInfo } from 'node:net';
import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import { email, smtpUnderTest } from '../../support/smtp-sender';
import { HANG_UP, smtpStandIn, type Script } from '../../support/smtp-stand-in';

const { against } = smtpUnderTest();

describe.each([
  ['takes one command after the other', []],
  ['offers PIPELINING', ['PIPELINING', 'SIZE 10240000']],
])('what became of a message to a relay that %s', (_offer, offers) => {
  it.each<[string, Script, object]>([
    ['421 to the recipient', { rcpt: () => '421 4.7.0 closing' }, { kind: 'retry', code: '421 4.7.0' }],
    ['451 to the recipient', { rcpt: () => '451 4.7.1 greylisted' }, { kind: 'retry', code: '451 4.7.1' }],
    [
      '550 to the recipient',
      { rcpt: () => '550 5.1.1 <camille@example.test> unknown' },
      { kind: 'failed', code: '550 5.1.1' },
    ],
    ['552 to the sender', { mail: () => '552 too much' }, { kind: 'failed', code: '552' }],
    [
      '530 to the sender',
      { mail: () => '530 5.7.0 authenticate first' },
      { kind: 'retry', code: 'relay-refused' },
    ],
    ['451 to DATA', { data: () => '451 not now' }, { kind: 'retry', code: '451' }],
    ['452 to the body', { body: () => '452 4.3.1 disk full' }, { kind: 'retry', code: '452 4.3.1' }],
    ['421 to the body', { body: () => '421 4.3.2 shutting down' }, { kind: 'retry', code: '421 4.3.2' }],
    ['554 to the body', { body: () => '554 5.7.1 spam' }, { kind: 'failed', code: '554 5.7.1' }],
    ['554 as greeting', { greeting: '554 no service' }, { kind: 'retry', code: 'relay-unreachable' }],
    ['421 as greeting', { greeting: '421 too busy' }, { kind: 'retry', code: 'relay-unreachable' }],
    ['silence instead of a greeting', { greeting: null }, { kind: 'retry', code: 'relay-unreachable' }],
    ['a hang-up instead of a greeting', { greeting: HANG_UP }, { kind: 'retry', code: 'relay-unreachable' }],
    ['a hang-up after RCPT', { rcpt: () => HANG_UP }, { kind: 'retry', code: 'relay-unreachable' }],
    ['a hang-up after DATA', { data: () => HANG_UP }, { kind: 'retry', code: 'relay-unreachable' }],
    ['a hang-up in mid body', { midBody: () => HANG_UP }, { kind: 'uncertain', code: 'connection-lost' }],
    ['a hang-up after the body', { body: () => HANG_UP }, { kind: 'uncertain', code: 'connection-lost' }],
  ])('%s', async (_, script, outcome) => {
    const { sender } = await against({ offers, ...script });
    expect(await sender.send(email())).toEqual(outcome);
  });

  it('is uncertain when the answer to the body does not come, and stays so when it comes too late', async () => {
    const { sender, relay } = await against(
      { offers, body: (nth) => (nth === 1 ? { afterMs: 600, say: '250 late' } : '250 queued as Z2') },
      { answerTimeoutMs: 250 },
    );
    expect(await sender.send(email())).toEqual({ kind: 'uncertain', code: 'no-answer' });
    await new Promise((resolve) => setTimeout(resolve, 500));
    // The late answer must not be taken for the next message's.
    expect(await sender.send(email({ deliveryId: 8 }))).toEqual({ kind: 'accepted', providerId: 'Z2' });
    expect(relay.connections()).toBe(2);
  });

  it('is a retry when the answer to RCPT does not come: the body was not on the wire', async () => {
    const { sender } = await against({ offers, rcpt: () => null }, { answerTimeoutMs: 200 });
    expect(await sender.send(email())).toEqual({ kind: 'retry', code: 'relay-unreachable' });
  });

  it('is uncertain when a relay drips an answer that never ends', async () => {
    const server = createServer((socket) => {
      let body = false;
      socket.on('error', () => {});
      socket.write('220 x\r\n');
      socket.on('data', (chunk) => {
        const text = chunk.toString();
        if (body) return;
        if (text.startsWith('DATA')) {
          body = true;
          socket.write('354 go\r\n');
          const drip = setInterval(
            () => (socket.writable ? socket.write('250-x\r\n') : clearInterval(drip)),
            40,
          );
          socket.on('close', () => clearInterval(drip));
        } else socket.write('250 ok\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sender = createSmtpSender({
      url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
      connections: 1,
      answerTimeoutMs: 300,
    });
    expect(await sender.send(email())).toEqual({ kind: 'uncertain', code: 'no-answer' });
    await sender.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is a retry when nobody listens', async () => {
    const relay = await smtpStandIn({});
    await relay.close();
    const sender = createSmtpSender({ url: relay.url, connections: 1 });
    expect(await sender.send(email())).toEqual({ kind: 'retry', code: 'relay-unreachable' });
  });

  it.each([
    '',
    'a b@example.test',
    'a@',
    '@example.test',
    'a@exa mple.test',
    'a@b@c.test',
    'é@example.test',
    'a@example.test>\r\nRCPT TO:<b@c.test',
    '.a@example.test',
  ])('is a failure of its own for the address %j, without a word to the relay', async (address) => {
    const { sender, relay } = await against({});
    expect(await sender.send(email({ to: { address } }))).toEqual({ kind: 'failed', code: 'bad-address' });
    expect(relay.connections()).toBe(0);
  });
});
