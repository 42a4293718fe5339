import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import type { EmailSender } from '../../../domain/delivery/ports';
import { TEST_CERTIFICATE, TEST_CERTIFICATE_KEY } from '../../support/test-certificate';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

interface Relay {
  readonly port: number;
  /** Whether each mail came over TLS, and who had logged in. */
  readonly mails: { readonly secure: boolean; readonly user: string | undefined }[];
}

/** A real server with a real certificate. */
async function relay(options: {
  tls: 'offered' | 'from-the-start' | 'none';
  password?: string;
}): Promise<Relay> {
  const mails: Relay['mails'] = [];
  const server = new SMTPServer({
    secure: options.tls === 'from-the-start',
    key: TEST_CERTIFICATE_KEY,
    cert: TEST_CERTIFICATE,
    authOptional: options.password === undefined,
    disabledCommands: options.tls === 'none' ? ['STARTTLS'] : [],
    onAuth: ({ username, password }, _session, done) =>
      password === options.password ? done(null, { user: username }) : done(new Error('no')),
    onData: (stream, session, done) => {
      stream.resume();
      stream.on('end', () => {
        mails.push({ secure: session.secure, user: session.user });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
  return { port: (server.server.address() as AddressInfo).port, mails };
}

function sender(url: string, ca?: string): EmailSender {
  const made = createSmtpSender({
    url,
    connections: 2,
    connectTimeoutMs: 2_000,
    answerTimeoutMs: 5_000,
    ...(ca === undefined ? {} : { ca }),
  });
  open.push(made);
  return made;
}

const send = async (by: EmailSender, count = 3): Promise<string[]> => {
  const outcomes = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      by.send({
        deliveryId: n + 1,
        to: { address: `p${n}@example.test` },
        from: { name: 'Maison', address: 'bonjour@maison.example' },
        subject: 'x',
        html: '<p>x</p>',
        text: 'x',
        headers: {},
        messageId: `<${n}@maison.example>`,
      }),
    ),
  );
  return outcomes.map((outcome) =>
    outcome.kind === 'accepted' ? 'accepted' : `${outcome.kind} ${outcome.code}`,
  );
};
const THREE_ACCEPTED = Array<string>(3).fill('accepted');
const UNREACHABLE = Array<string>(3).fill('retry relay-unreachable');

it.each([
  ['taken up where it is offered', '', true],
  ['taken up where it is required', '?tls=require', true],
  ['not asked for where it is off', '?tls=off', false],
])('TLS is %s', async (_, wish, secure) => {
  const { port, mails } = await relay({ tls: 'offered' });
  expect(await send(sender(`smtp://127.0.0.1:${port}${wish}`, TEST_CERTIFICATE))).toEqual(THREE_ACCEPTED);
  expect(mails.map((mail) => mail.secure)).toEqual([secure, secure, secure]);
});

it('TLS may come before the first word', async () => {
  const { port, mails } = await relay({ tls: 'from-the-start' });
  expect(await send(sender(`smtps://127.0.0.1:${port}`, TEST_CERTIFICATE))).toEqual(THREE_ACCEPTED);
  expect(mails.every((mail) => mail.secure)).toBe(true);
});

it('nothing goes out where TLS is required and not offered, or to a relay whose certificate nobody vouches for', async () => {
  const bare = await relay({ tls: 'none' });
  expect(await send(sender(`smtp://127.0.0.1:${bare.port}?tls=require`))).toEqual(UNREACHABLE);
  const stranger = await relay({ tls: 'offered' });
  expect(await send(sender(`smtp://127.0.0.1:${stranger.port}?tls=require`))).toEqual(UNREACHABLE);
  expect([...bare.mails, ...stranger.mails]).toEqual([]);
});

it('logs in over TLS, and a wrong password is a fault of the relay, not of the message', async () => {
  const { port, mails } = await relay({ tls: 'offered', password: 'p:w/x' });
  const url = (password: string): string =>
    `smtp://boucle:${encodeURIComponent(password)}@127.0.0.1:${port}?tls=require`;
  expect(await send(sender(url('p:w/x'), TEST_CERTIFICATE))).toEqual(THREE_ACCEPTED);
  expect(mails).toEqual(Array(3).fill({ secure: true, user: 'boucle' }));
  expect(await send(sender(url('wrong'), TEST_CERTIFICATE))).toEqual(Array(3).fill('retry relay-refused'));
  expect(mails).toHaveLength(3);
});
