import { SMTPServer } from 'smtp-server';
import { headerWords, readHeaders } from './mail-headers';
import type { MailRecord, ReceivedMail } from './record';

export interface SmtpSinkOptions {
  readonly port: number;
  readonly host: string;
  readonly record: MailRecord;
  /** After the mail is written and acknowledged. */
  readonly onMail?: (mail: ReceivedMail, raw: Buffer) => void;
}

/** Addresses at this domain, or below it, do not exist: refused at RCPT with 550 5.1.1, as a real host would. */
export const UNKNOWN_DOMAIN = 'introuvable.example';
const MAX_BYTES = 10 << 20;

class Refusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** A real SMTP server that takes everything for everybody, and says so only once it is written down. */
export async function startSmtpSink({ port, host, record, onMail }: SmtpSinkOptions): Promise<{
  readonly port: number;
  close(): Promise<void>;
}> {
  const server = new SMTPServer({
    banner: 'Boucle sandbox, every mail ends here',
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: MAX_BYTES,
    // Half of the connections would be kept waiting for a worker that was killed: their sockets close by themselves.
    socketTimeout: 600_000,
    closeTimeout: 1_000,
    onRcptTo({ address }, _session, done) {
      const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
      const unknown = domain === UNKNOWN_DOMAIN || domain.endsWith(`.${UNKNOWN_DOMAIN}`);
      done(unknown ? new Refusal(550, '5.1.1 No such mailbox') : null);
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('error', (fault: Error) => done(fault));
      stream.once('end', () => {
        if (stream.sizeExceeded) return done(new Refusal(552, '5.3.4 Message too big'));
        const raw = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
        const headers = readHeaders(raw);
        const { mailFrom, rcptTo } = session.envelope;
        record
          .append(
            {
              from: mailFrom === false ? '' : mailFrom.address,
              to: rcptTo.map((to) => to.address.toLowerCase()),
              subject: headerWords(headers.get('subject')),
              // Feedback-ID: campaign, department, nature, brand.
              campaign: headers.get('feedback-id')?.split(':')[0] ?? null,
              delivery: headers.get('x-boucle-delivery') ?? null,
              messageId: headers.get('message-id') ?? null,
            },
            raw,
          )
          .then(
            (mail) => {
              done(null, `2.0.0 Ok: queued as ${mail.id}`);
              onMail?.(mail, raw);
            },
            () => done(new Refusal(451, '4.3.0 Could not be written down')),
          );
      });
    },
  });
  // A worker that is killed leaves broken connections behind: no fault of ours.
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, () => {
      server.server.off('error', reject);
      resolve();
    });
  });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
