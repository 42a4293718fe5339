import type { Socket } from 'node:net';
import type { SmtpFault } from './outcome';
import { createReplyReader } from './reply-reader';

export type LineResult = { readonly reply: string } | { readonly fault: SmtpFault };

/** One connection kept open to the relay. It carries one message at a time. */
export interface SmtpLine {
  readonly usable: boolean;
  /** `mime`: the whole message in 7-bit, its lines ended by CRLF. */
  send(from: string, to: string, mime: string): Promise<LineResult>;
  close(): void;
}

/** What the relay's EHLO reply offers. */
export interface RelayOffers {
  /** RFC 2920: several commands in one write. */
  readonly pipelining: boolean;
  /** RFC 1870: the size is said before the message. */
  readonly size: boolean;
}

export const relayOffers = (ehloReply: string): RelayOffers => ({
  pipelining: /^250[ -]PIPELINING\s*$/im.test(ehloReply),
  size: /^250[ -]SIZE\b/im.test(ehloReply),
});

/** Which reply is awaited. `empty`: to a message without recipients; `reset`: to RSET after a refusal. */
type Stage = 'mail' | 'rcpt' | 'data' | 'body' | 'empty' | 'reset';

interface Transaction {
  readonly commands: { readonly mail: string; readonly rcpt: string };
  readonly mime: string;
  readonly timer: NodeJS.Timeout;
  readonly settle: (result: LineResult) => void;
  stage: Stage;
  /** The first reply that refused the message. */
  refusal: string | null;
  recipientTaken: boolean;
  bodyStarted: boolean;
}

const CLOSING = 421;
/** A relay that does not answer QUIT must not hold the process. */
const QUIT_MS = 1_000;

/**
 * Carries messages over a connection that was greeted and logged in. Where the relay offers PIPELINING, MAIL, RCPT and
 * DATA go in one write; every reply is looked at all the same, and no byte of a body leaves before the relay has said
 * 354 to a message whose sender and recipient it took.
 */
export function smtpLine(socket: Socket, offers: RelayOffers, answerMs: number): SmtpLine {
  let usable = true;
  let current: Transaction | null = null;

  const settle = (result: LineResult): void => {
    const done = current;
    current = null;
    if (done === null) return;
    clearTimeout(done.timer);
    done.settle(result);
  };
  const refused = ({ refusal, bodyStarted }: Transaction): LineResult => ({
    fault: { code: bodyStarted ? 'EMESSAGE' : 'EENVELOPE', reply: refusal, bodyStarted },
  });
  /** The connection is of no more use; what the relay had said by then still decides. */
  const abandon = (code: string): void => {
    usable = false;
    socket.destroy();
    if (current !== null)
      settle(
        current.refusal === null
          ? { fault: { code, reply: null, bodyStarted: current.bodyStarted } }
          : refused(current),
      );
  };

  const write = (text: string): void => void socket.write(text, 'latin1');
  const advance = (message: Transaction, stage: Stage, text: string): void => {
    message.stage = stage;
    write(text);
  };
  /** RFC 2920 §3.1: RCPT and DATA are on their way already, and their replies have to be waited for. */
  const envelopeReply = (message: Transaction, next: 'rcpt' | 'data', text: string): void => {
    if (offers.pipelining) message.stage = next;
    else if (message.refusal === null) advance(message, next, text);
    else advance(message, 'reset', 'RSET\r\n');
  };
  const dataReply = (message: Transaction, status: number): void => {
    if (status !== 354) {
      // 2yz or another 3yz: neither taken nor refused, and no telling what the relay waits for.
      if (message.refusal === null) abandon('EPROTOCOL');
      else advance(message, 'reset', 'RSET\r\n');
    } else if (message.refusal === null) {
      message.bodyStarted = true;
      advance(message, 'body', dataOf(message.mime));
    } else if (message.recipientTaken) {
      // A dot here would be an empty message to somebody.
      abandon('EPROTOCOL');
    } else advance(message, 'empty', '.\r\n');
  };

  const onReply = (reply: string): void => {
    const message = current;
    // Said unasked, as a relay does before it closes an idle connection.
    if (message === null) return abandon('ECONNECTION');
    const status = Number(reply.slice(0, 3));
    const { stage } = message;
    if (stage !== 'reset' && stage !== 'empty' && status >= 400) message.refusal ??= reply;
    if (status === CLOSING) return abandon('ECONNECTION');
    if (status >= 300 && status < 400 && stage !== 'data') return abandon('EPROTOCOL');
    switch (stage) {
      case 'mail':
        return envelopeReply(message, 'rcpt', message.commands.rcpt);
      case 'rcpt':
        message.recipientTaken = status < 300;
        return envelopeReply(message, 'data', 'DATA\r\n');
      case 'data':
        return dataReply(message, status);
      case 'body':
        return settle(message.refusal === null ? { reply } : refused(message));
      case 'empty':
        return settle(refused(message));
      case 'reset':
        if (status >= 400) return abandon('ECONNECTION');
        return settle(refused(message));
    }
  };

  socket.setNoDelay(true);
  socket.setTimeout(0);
  socket.on(
    'data',
    createReplyReader(onReply, () => abandon('EPROTOCOL')),
  );
  socket.on('error', () => abandon('ECONNECTION'));
  socket.on('end', () => abandon('ECONNECTION'));
  socket.on('close', () => abandon('ECONNECTION'));

  return {
    get usable() {
      return usable && !socket.destroyed;
    },
    send: (from, to, mime) =>
      new Promise((resolve) => {
        const commands = {
          mail: `MAIL FROM:<${from}>${offers.size ? ` SIZE=${mime.length}` : ''}\r\n`,
          rcpt: `RCPT TO:<${to}>\r\n`,
        };
        current = {
          commands,
          mime,
          // From the first command to the last reply, whatever drips in between.
          timer: setTimeout(() => abandon('ETIMEDOUT'), answerMs),
          settle: resolve,
          stage: 'mail',
          refusal: null,
          recipientTaken: false,
          bodyStarted: false,
        };
        write(offers.pipelining ? `${commands.mail}${commands.rcpt}DATA\r\n` : commands.mail);
      }),
    close() {
      if (socket.destroyed) return;
      usable = false;
      socket.end('QUIT\r\n');
      setTimeout(() => socket.destroy(), QUIT_MS).unref();
    },
  };
}

/** RFC 5321 §4.5.2: a line's first dot is doubled, and a dot of its own ends the message. */
const dataOf = (mime: string): string => {
  const stuffed = mime.includes('\n.') ? mime.replace(/\n\./g, '\n..') : mime;
  return stuffed.endsWith('\r\n') ? `${stuffed}.\r\n` : `${stuffed}\r\n.\r\n`;
};
