import { RELAY_REFUSED, RELAY_UNREACHABLE } from '../../domain/delivery/retry-policy';
import type { SendOutcome } from '../../domain/delivery/ports';
import type { PostResult } from './post';

/**
 * What an answer other than 2xx means where the provider knows a message again by its Idempotency-Key: whatever is not
 * a clear refusal may be handed over once more, silence included.
 */
export function idempotentOutcome(
  result: PostResult,
  refusalCode: (status: number, body: string) => string,
): Exclude<SendOutcome, { kind: 'accepted' }> {
  if (result.kind === 'not-sent') return { kind: 'retry', code: RELAY_UNREACHABLE };
  if (result.kind === 'no-answer') return { kind: 'retry', code: result.code };
  const { status, body, retryAfterSeconds } = result;
  // The provider does not know us, or not any more: nothing is wrong with this message.
  if (status === 401 || status === 403) return { kind: 'retry', code: RELAY_REFUSED };
  const wait = retryAfterSeconds === null ? {} : { retryAfterSeconds };
  if (status === 408 || status === 425 || status === 429 || status === 503)
    return { kind: 'retry', code: `http-${status}`, ...wait };
  // The provider fell over the message, a gateway gave up waiting, or (409) the same key is at work elsewhere: it may be
  // taken all the same. Asked often enough in vain, that is silence, not a refusal.
  if (status >= 500 || status === 409) return { kind: 'retry', code: 'no-answer', ...wait };
  return { kind: 'failed', code: refusalCode(status, body) };
}
