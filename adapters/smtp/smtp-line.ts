import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpFault } from './outcome';
import type { SmtpTarget } from './smtp-url';

export interface LineTimeouts {
  readonly connectMs: number;
  /** From MAIL FROM to the reply to the body. */
  readonly answerMs: number;
}

export type LineResult = { readonly reply: string } | { readonly fault: SmtpFault };

/** One connection kept open to the relay. It carries one message at a time. */
export interface SmtpLine {
  readonly usable: boolean;
  /** Messages it has carried: a line that was idle may have been closed by the relay meanwhile. */
  readonly carried: number;
  send(from: string, to: string, mime: Buffer): Promise<LineResult>;
  close(): void;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const faultOf = (
  error: { readonly code?: unknown; readonly response?: unknown },
  bodyStarted: boolean,
): SmtpFault => ({
  code: textOf(error.code) ?? 'ECONNECTION',
  reply: textOf(error.response),
  bodyStarted,
});

/** Connects, greets and logs in. */
export async function openLine(
  target: SmtpTarget,
  timeouts: LineTimeouts,
): Promise<SmtpLine | { readonly fault: SmtpFault }> {
  const connection = new SMTPConnection({
    host: target.host,
    port: target.port,
    secure: target.secure,
    ignoreTLS: target.tls === 'off',
    requireTLS: target.tls === 'require',
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    socketTimeout: timeouts.answerMs,
  });
  const { auth } = target;
  const fault = await new Promise<SmtpFault | null>((resolve) => {
    connection.on('error', (error) => resolve(faultOf(error, false)));
    connection.connect((error) => {
      if (error) return resolve(faultOf(error, false));
      if (auth === null) return resolve(null);
      connection.login({ user: auth.user, pass: auth.pass }, (refused) =>
        resolve(refused ? faultOf(refused, false) : null),
      );
    });
  });
  if (fault !== null) {
    connection.close();
    return { fault };
  }
  return lineOn(connection, timeouts.answerMs);
}

function lineOn(connection: SMTPConnection, answerMs: number): SmtpLine {
  let carried = 0;
  /** After a refusal the relay may still hold a half-open transaction. */
  const reset = (): Promise<void> =>
    new Promise((resolve) => {
      connection.once('end', resolve);
      connection.reset((error) => {
        if (error) connection.close();
        connection.removeListener('end', resolve);
        resolve();
      });
    });

  return {
    get usable() {
      return !connection.destroyed;
    },
    get carried() {
      return carried;
    },
    async send(from, to, mime) {
      carried += 1;
      let bodyStarted = false;
      // The library asks for the first byte only after the relay's 354: that moment is what makes a silence uncertain.
      const body = new Readable({
        read() {
          bodyStarted = true;
          this.push(mime);
          this.push(null);
        },
      });
      const result = await new Promise<LineResult>((resolve) => {
        // The library's own timeout starts again at each byte: a relay that drips would hold the line for ever.
        const timer = setTimeout(() => {
          connection.close();
          resolve({ fault: { code: 'ETIMEDOUT', reply: null, bodyStarted } });
        }, answerMs);
        connection.send({ from, to: [to], size: mime.length }, body, (error, info) => {
          clearTimeout(timer);
          resolve(error ? { fault: faultOf(error, bodyStarted) } : { reply: info.response });
        });
      });
      if ('fault' in result && !connection.destroyed) await reset();
      return result;
    },
    close() {
      if (connection.destroyed) return;
      connection.quit();
      // A relay that does not answer QUIT must not hold the process.
      setTimeout(() => connection.close(), 1_000).unref();
    },
  };
}
