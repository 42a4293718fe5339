/**
 * Enhanced status codes that say the mailbox does not exist (RFC 3463: bad destination mailbox, system or syntax;
 * mailbox moved or disabled; RFC 7505: the domain takes no mail). A bare 550 may be a policy, so it is not one.
 */
const DEAD = new Set(['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1']);

/** Whether a failure's code (`550 5.1.1`) means the address must not be used again. */
export const isDeadAddress = (code: string): boolean => DEAD.has(code.split(' ')[1] ?? '');
