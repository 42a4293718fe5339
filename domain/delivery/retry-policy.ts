/**
 * A message the relay refused for now (421, 45x) is handed over again after 10 s, 40 s, 160 s and 640 s: long enough
 * for greylisting, which asks for five to fifteen minutes. The fifth refusal is final.
 */
export const RETRY_POLICY = { maxAttempts: 5, firstDelaySeconds: 10, factor: 4 } as const;

/** Codes that speak of the relay itself, not of one message: it could not be reached, or would not let us in. */
export const RELAY_UNREACHABLE = 'relay-unreachable';
export const RELAY_REFUSED = 'relay-refused';

/** An outage is nobody's fault: these refusals do not use up a message's attempts. */
export const isRelayFault = (code: string): boolean => code === RELAY_UNREACHABLE || code === RELAY_REFUSED;
