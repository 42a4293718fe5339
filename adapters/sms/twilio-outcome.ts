import { z } from 'zod';
import { UNKNOWN_NUMBER } from '../../domain/delivery/bounce';
import type { SendOutcome } from '../../domain/delivery/ports';
import { RELAY_REFUSED, RELAY_UNREACHABLE } from '../../domain/delivery/retry-policy';
import { jsonOf, type PostResult } from '../http/post';

/** Twilio's REST exception: `code` is of its dictionary (twilio.com/docs/api/errors). */
const exception = z.object({ code: z.int().positive() });

/** 21211 invalid, 21614 not a mobile, 21635 a landline; and in status callbacks 30005 unknown, 30006 a landline. */
const DEAD_NUMBERS = new Set([21211, 21614, 21635, 30005, 30006]);

/** 20003 authentication, 20005 not active, 20404 no such account: nothing is wrong with the message. */
const ACCOUNT_FAULTS = new Set([20003, 20005, 20404]);

/** Ours where a code means the same at every provider, else `twilio-30007`. */
export const twilioCode = (code: number): string =>
  DEAD_NUMBERS.has(code) ? UNKNOWN_NUMBER : `twilio-${code}`;

/**
 * What an answer other than 201 says. Twilio's API has no idempotency keys: only what surely made no message may be
 * handed over again. That is a refusal in Twilio's own words; a bare 5xx comes from a gateway in front of it, and the
 * message may have been made behind.
 */
export function twilioOutcome(result: PostResult): Exclude<SendOutcome, { kind: 'accepted' }> {
  if (result.kind === 'not-sent') return { kind: 'retry', code: RELAY_UNREACHABLE };
  if (result.kind === 'no-answer') return { kind: 'uncertain', code: result.code };
  const { status, retryAfterSeconds } = result;
  const code = exception.safeParse(jsonOf(result.body)).data?.code;
  const later = (what: string): Exclude<SendOutcome, { kind: 'accepted' }> => ({
    kind: 'retry',
    code: what,
    ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
  });
  if (status === 401 || status === 403 || (code !== undefined && ACCOUNT_FAULTS.has(code)))
    return { kind: 'retry', code: RELAY_REFUSED };
  if (status === 429 || code === 20429) return later('twilio-20429');
  if (status === 503 && code !== undefined) return later(`twilio-${code}`);
  if (status >= 400 && status < 500)
    return { kind: 'failed', code: code === undefined ? `http-${status}` : twilioCode(code) };
  return { kind: 'uncertain', code: `http-${status}` };
}
