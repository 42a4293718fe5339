import type { SendOutcome } from './ports';

/**
 * A message the relay refused for now (421, 45x) is handed over again after 10 s, 40 s, 160 s and 640 s: long enough
 * for greylisting, which asks for five to fifteen minutes. The fifth refusal is final. A provider that asks for a longer
 * wait gets it, up to a day.
 */
export const RETRY_POLICY = {
  maxAttempts: 5,
  firstDelaySeconds: 10,
  factor: 4,
  mostAskedSeconds: 86_400,
} as const;

/** Codes that speak of the relay itself, not of one message: it could not be reached, or would not let us in. */
export const RELAY_UNREACHABLE = 'relay-unreachable';
export const RELAY_REFUSED = 'relay-refused';

/** An outage is nobody's fault: these refusals do not use up a message's attempts. */
export const isRelayFault = (code: string): boolean => code === RELAY_UNREACHABLE || code === RELAY_REFUSED;

/** Nobody knows whether the provider took the message. One that knows it again by its key may be asked once more. */
export const isSilence = (code: string): boolean => code === 'no-answer' || code === 'connection-lost';

/** Says something about the provider and nothing about the message. */
export const isProviderFault = (outcome: SendOutcome): boolean =>
  outcome.kind === 'uncertain' ||
  (outcome.kind === 'retry' &&
    (isRelayFault(outcome.code) || isSilence(outcome.code) || /^http-5\d\d$/.test(outcome.code)));

/** A domain that refuses for now is left alone for 10 s, 20 s, 40 s … a quarter of an hour, until it takes one again. */
export const DOMAIN_BACKOFF = { firstSeconds: 10, factor: 2, mostSeconds: 900 } as const;

/**
 * Whether a refusal for now (`421`, `451 4.7.1`) speaks of the domain. Addressing and mailbox codes (RFC 3463 x.1.x and
 * x.2.x: full, busy, disabled for now) and a bare 450 (RFC 5321: mailbox unavailable) are about one recipient, whose
 * neighbours go on.
 */
export function isDomainRefusal(code: string): boolean {
  const [status = '', enhanced] = code.split(' ');
  if (!/^4[25]\d$/.test(status)) return false;
  if (enhanced !== undefined) return !/^4\.[12]\./.test(enhanced);
  return status !== '450';
}
