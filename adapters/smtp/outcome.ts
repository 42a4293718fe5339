import type { SendOutcome } from '../../domain/delivery/ports';
import { RELAY_REFUSED, RELAY_UNREACHABLE } from '../../domain/delivery/retry-policy';

/** What a failed hand-over left: the library's code, the relay's reply, and whether a byte of the body went out. */
export interface SmtpFault {
  readonly code: string;
  /** The last reply, as sent; only its numbers are kept, since relays repeat addresses in the words. */
  readonly reply: string | null;
  readonly bodyStarted: boolean;
}

const AUTHENTICATION = new Set([530, 534, 535, 538]);

/** `550 5.1.1`, or `550` where the relay gives no enhanced code (RFC 3463). */
export function replyCode(reply: string): { readonly status: number; readonly code: string } | null {
  const match = /^([2-5]\d\d)[ -]?(?:([245]\.\d{1,3}\.\d{1,3})\b)?/.exec(reply);
  if (match === null) return null;
  return {
    status: Number(match[1]),
    code: match[2] === undefined ? `${match[1]}` : `${match[1]} ${match[2]}`,
  };
}

/**
 * RFC 5321 §4.2.1: 4yz was not accepted and may be tried again, 5yz must not. Before the body a message without any
 * reply cannot have been accepted; once the body has begun, silence says nothing, and only a reply to it decides.
 */
export function outcomeOf({
  code,
  reply,
  bodyStarted,
}: SmtpFault): Exclude<SendOutcome, { kind: 'accepted' }> {
  const answer = reply === null ? null : replyCode(reply);
  if (bodyStarted) {
    if (code === 'EMESSAGE' && answer !== null) {
      return { kind: answer.status < 500 ? 'retry' : 'failed', code: answer.code };
    }
    return { kind: 'uncertain', code: code === 'ETIMEDOUT' ? 'no-answer' : 'connection-lost' };
  }
  if (code === 'EAUTH' || (answer !== null && AUTHENTICATION.has(answer.status)))
    return { kind: 'retry', code: RELAY_REFUSED };
  if (code === 'EENVELOPE') {
    if (answer === null) return { kind: 'failed', code: 'bad-address' };
    return { kind: answer.status < 500 ? 'retry' : 'failed', code: answer.code };
  }
  if (code === 'EMESSAGE') return { kind: 'failed', code: 'too-large' };
  if (answer !== null && answer.status === 421 && code === 'ECONNECTION')
    return { kind: 'retry', code: answer.code };
  return { kind: 'retry', code: RELAY_UNREACHABLE };
}
