import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpFault } from './outcome';
import { relayOffers, smtpLine, type SmtpLine } from './smtp-line';
import type { SmtpTarget } from './smtp-url';

export interface LineTimeouts {
  readonly connectMs: number;
  /** From MAIL FROM to the reply to the body. */
  readonly answerMs: number;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const faultOf = (error: { readonly code?: unknown; readonly response?: unknown }): SmtpFault => ({
  code: textOf(error.code) ?? 'ECONNECTION',
  reply: textOf(error.response),
  bodyStarted: false,
});

/**
 * Connects, greets, takes up TLS and logs in with the library, which knows the ways of doing it, and goes on from there
 * on its socket: the library's own transaction costs twice a message's whole work and does not pipeline. `ca`: who
 * may have signed the relay's certificate, in PEM, instead of the authorities Node knows.
 */
export async function openLine(
  target: SmtpTarget,
  timeouts: LineTimeouts,
  ca?: string,
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
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  const { auth } = target;
  let ehlo = '';
  const fault = await new Promise<SmtpFault | null>((resolve) => {
    // For as long as the socket lives: an error nobody listens to would end the process.
    connection.on('error', (error) => resolve(faultOf(error)));
    connection.connect((error) => {
      if (error) return resolve(faultOf(error));
      ehlo = textOf(connection.lastServerResponse) ?? '';
      if (auth === null) return resolve(null);
      connection.login({ user: auth.user, pass: auth.pass }, (refused) =>
        resolve(refused ? faultOf(refused) : null),
      );
    });
  });
  if (fault !== null) {
    connection.close();
    return { fault };
  }
  const socket = connection._socket;
  if (!socket) return { fault: { code: 'ECONNECTION', reply: null, bodyStarted: false } };
  socket.removeAllListeners('data');
  return smtpLine(socket, relayOffers(ehlo), timeouts.answerMs);
}
