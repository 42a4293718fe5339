import { z } from 'zod';
import { UNREGISTERED_DEVICE } from '../../domain/delivery/bounce';
import type { SendOutcome } from '../../domain/delivery/ports';
import { RELAY_REFUSED, RELAY_UNREACHABLE } from '../../domain/delivery/retry-policy';
import { jsonOf, type PostResult } from '../http/post';

/** google.rpc.Status with FCM's own code among the details (firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode). */
const fault = z.object({
  error: z.object({
    status: z.string().optional(),
    details: z.array(z.looseObject({ errorCode: z.string().optional() })).optional(),
  }),
});

/** FCM's error code, else the RPC status; null where the body is not FCM's. */
function fcmCode(body: string): string | null {
  const { error } = fault.safeParse(jsonOf(body)).data ?? {};
  return error?.details?.find((d) => d.errorCode !== undefined)?.errorCode ?? error?.status ?? null;
}

const isCode = (code: string | null): code is string => code !== null && /^[A-Z_]{3,40}$/.test(code);

/**
 * What FCM says of one device. It has no idempotency keys: only its own word that it did not take the message lets it be
 * sent again (QUOTA_EXCEEDED, UNAVAILABLE); INTERNAL and silence leave it open.
 */
export function fcmOutcome(result: PostResult): SendOutcome {
  if (result.kind === 'not-sent') return { kind: 'retry', code: RELAY_UNREACHABLE };
  if (result.kind === 'no-answer') return { kind: 'uncertain', code: result.code };
  const { status, body, retryAfterSeconds } = result;
  if (status === 200) {
    const name = z.object({ name: z.string().max(500) }).safeParse(jsonOf(body)).data?.name ?? '';
    return { kind: 'accepted', providerId: name.slice(name.lastIndexOf('/') + 1) };
  }
  const code = fcmCode(body);
  if (code === 'UNREGISTERED') return { kind: 'failed', code: UNREGISTERED_DEVICE };
  // A bare 404 comes from a wrong address: taken for the device's, it would revoke every one of them.
  if (status === 404) return { kind: 'retry', code: RELAY_REFUSED };
  // THIRD_PARTY_AUTH_ERROR, too: the key for Apple's or the browser's push service is not good.
  if (status === 401) return { kind: 'retry', code: RELAY_REFUSED };
  // SENDER_ID_MISMATCH is about this device, registered with somebody else's application; other refusals about us.
  if (status === 403 && code !== 'SENDER_ID_MISMATCH') return { kind: 'retry', code: RELAY_REFUSED };
  if (status === 429 || (status === 503 && code !== null)) {
    return {
      kind: 'retry',
      code: `http-${status}`,
      ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
    };
  }
  if (status >= 400 && status < 500)
    return {
      kind: 'failed',
      code: isCode(code) ? code.toLowerCase().replaceAll('_', '-') : `http-${status}`,
    };
  return { kind: 'uncertain', code: `http-${status}` };
}

/**
 * What became of a message to several devices: accepted when one took it, and never sent again while one may have.
 * Where all refused for now it waits for the one that asks for most patience.
 */
export function personOutcome(devices: readonly SendOutcome[]): SendOutcome {
  const accepted = devices.find((o) => o.kind === 'accepted');
  if (accepted !== undefined) return { kind: 'accepted', providerId: accepted.providerId, units: 1 };
  const uncertain = devices.find((o) => o.kind === 'uncertain');
  if (uncertain !== undefined) return uncertain;
  const patience = (o: SendOutcome): number => (o.kind === 'retry' ? (o.retryAfterSeconds ?? 0) : 0);
  const [retry] = devices.filter((o) => o.kind === 'retry').sort((a, b) => patience(b) - patience(a));
  if (retry !== undefined) return retry;
  // A device that is gone says less than one that is there and would not.
  return (
    devices.find((o) => o.kind === 'failed' && o.code !== UNREGISTERED_DEVICE) ?? {
      kind: 'failed',
      code: UNREGISTERED_DEVICE,
    }
  );
}
