import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far Slack's clock and ours may be apart; older requests are replays. */
const WINDOW_SECONDS = 300;

export interface SignedRequest {
  readonly secret: string;
  /** Header X-Slack-Request-Timestamp: seconds since 1970, as sent. */
  readonly timestamp: string;
  /** The bytes as they came in: a body parsed and written again has another signature. */
  readonly body: Uint8Array | string;
}

/** `v0=` and the HMAC-SHA-256 of `v0:<timestamp>:<body>` in hex, as Slack's "Verifying requests from Slack" says. */
export function signSlackRequest({ secret, timestamp, body }: SignedRequest): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}

/** True when the signature holds and its timestamp is within 300 seconds of `nowSeconds`; in constant time. */
export function verifySlackSignature(
  request: SignedRequest & { readonly signature: string; readonly nowSeconds: number },
): boolean {
  if (!/^\d{1,12}$/.test(request.timestamp)) return false;
  if (Math.abs(request.nowSeconds - Number(request.timestamp)) > WINDOW_SECONDS) return false;
  const expected = Buffer.from(signSlackRequest(request));
  const given = Buffer.from(request.signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
