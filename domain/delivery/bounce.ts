import type { Channel } from '../shared/words';

/** What SMS senders answer for a number nobody has. */
export const UNKNOWN_NUMBER = 'unknown-number';
/** What push senders answer where no device of somebody is registered any more. */
export const UNREGISTERED_DEVICE = 'unregistered';

/**
 * Enhanced status codes that say the mailbox does not exist (RFC 3463: bad destination mailbox, system or syntax;
 * mailbox moved or disabled; RFC 7505: the domain takes no mail). A bare 550 may be a policy, so it is not one.
 */
const DEAD_MAILBOX = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1']);

const never = (): boolean => false;

const DEAD: Readonly<Record<Channel, (code: string) => boolean>> = {
  email: (code) => DEAD_MAILBOX.has(code.split(' ')[1] ?? ''),
  sms: (code) => code === UNKNOWN_NUMBER,
  // One person has several devices: the sender has each token that is gone revoked by itself.
  push: never,
  'in-app': never,
  // A letter that comes back says that somebody moved: it is told by a proof event, and no address is buried for it.
  letter: never,
  'e-letter': never,
};

/** Whether a failure's code (`550 5.1.1`) means that the address must not be used again on this channel. */
export const isDeadAddress = (channel: Channel, code: string): boolean => DEAD[channel](code);

/** A mail that came back, as a provider or a report of RFC 3464 tells it. */
export interface Bounce {
  /** It will never arrive there; soft: it did not this time (mailbox full, tried for too long). */
  readonly hard: boolean;
  /** `550 5.1.1`, `5.1.1` or `550`; null: none was told. */
  readonly code: string | null;
}

/**
 * Whether a bounce means that the address must not be used again. An enhanced code decides where there is one (a hard
 * `5.7.1` refuses the message, not the address); without one it is the word of who calls it hard.
 */
export function buriesAddress({ hard, code }: Bounce): boolean {
  if (!hard) return false;
  const enhanced = /(?:^| )([245]\.\d{1,3}\.\d{1,3})$/.exec(code ?? '')?.[1];
  return enhanced === undefined || DEAD_MAILBOX.has(enhanced);
}
