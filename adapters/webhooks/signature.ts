import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the sender's clock and ours may be apart; older calls are replays. */
const WINDOW_SECONDS = 300;

export interface SignedWebhook {
  readonly secret: string;
  /** Header x-boucle-timestamp: seconds since 1970, as sent. */
  readonly timestamp: string;
  /** The bytes as they came in: a body parsed and written again has another signature. */
  readonly body: Uint8Array | string;
}

/** Header x-boucle-signature: `v1=` and the HMAC-SHA-256 of `<timestamp>.<body>` in hex. */
export function signWebhook({ secret, timestamp, body }: SignedWebhook): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`;
}

/** True when the signature holds and its timestamp is within 300 seconds of `nowSeconds`; in constant time. */
export function verifyWebhook(
  call: SignedWebhook & { readonly signature: string; readonly nowSeconds: number },
): boolean {
  if (!/^\d{1,12}$/.test(call.timestamp)) return false;
  if (Math.abs(call.nowSeconds - Number(call.timestamp)) > WINDOW_SECONDS) return false;
  const expected = Buffer.from(signWebhook(call));
  const given = Buffer.from(call.signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
