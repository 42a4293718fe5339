import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';

/** A report returns the message it is about, pictures attached by others included. */
export const RETURNED_MAIL_BYTES = 10 << 20;

export interface BounceListenerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Mail to addresses of these, and of nothing below them, is taken; no mail goes on from here. */
  readonly domains: ReadonlySet<string>;
  /** Keeps what the mail says, once for each recipient. Whoever handed it over tries again later when it rejects. */
  readonly receive: (mail: Buffer, recipient: string) => Promise<unknown>;
  /** A mail that could not be kept, or a fault of the server. It may quote the mail: not to be logged as it is. */
  readonly onFault: (fault: unknown) => void;
}

export interface BounceListener {
  readonly port: number;
  /** Mails under way are taken first. */
  close(): Promise<void>;
}

/** Each may hold a whole mail in memory; the next is told to come again. */
const CONNECTIONS = 10;
const RECIPIENTS = 20;
const SILENCE_MS = 60_000;
const CLOSE_MS = 5_000;

/** What the one who hands a mail over is answered: RFC 5321's code, and RFC 3463's with words for people. */
class Refusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Takes returned mails by LMTP (RFC 2033) from one's own mail server: it answers once what a mail says is committed, so
 * that server's queue keeps what could not be. Rejects where the port cannot be opened.
 */
export async function startBounceListener(options: BounceListenerOptions): Promise<BounceListener> {
  const { host, port, domains, receive, onFault } = options;
  const server = new SMTPServer({
    lmtp: true,
    banner: 'Boucle, returned mails only',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: RETURNED_MAIL_BYTES,
    rejectOversized: true,
    maxClients: CONNECTIONS,
    socketTimeout: SILENCE_MS,
    closeTimeout: CLOSE_MS,
    onRcptTo({ address }, { envelope }, done) {
      const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
      if (!domains.has(domain)) return done(new Refusal(550, '5.7.1 Only returned mails are taken here'));
      if (envelope.rcptTo.length >= RECIPIENTS) return done(new Refusal(452, '4.5.3 Too many recipients'));
      return done();
    },
    onData(stream, { envelope }, done) {
      readMail(stream)
        .then(async (mail) => {
          if (mail === null) return;
          for (const { address } of envelope.rcptTo) await receive(mail, address);
        })
        .then(
          () => done(),
          (fault: unknown) => {
            onFault(fault);
            done(new Refusal(451, '4.3.0 Could not be kept, try again later'));
          },
        );
    },
  });
  server.on('error', onFault);
  const listening = server.listen(port, host);
  await once(listening, 'listening');
  return {
    port: portOf(listening.address()),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The whole mail; null: larger than is taken, which its sender is told. */
async function readMail(stream: SMTPServerDataStream): Promise<Buffer | null> {
  let chunks: Buffer[] = [];
  for await (const chunk of stream) {
    if (stream.sizeExceeded) chunks = [];
    else chunks.push(Buffer.from(chunk));
  }
  return stream.sizeExceeded ? null : Buffer.concat(chunks);
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' && address !== null ? address.port : 0;
