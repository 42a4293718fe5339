import { createHmac, timingSafeEqual } from 'node:crypto';

export interface TwilioCall {
  readonly authToken: string;
  /** As Twilio was given it, query included. */
  readonly url: string;
  /** The form's fields. */
  readonly params: URLSearchParams;
}

/**
 * X-Twilio-Signature (twilio.com/docs/usage/webhooks/webhooks-security): the HMAC-SHA-1 in Base64, keyed with the auth
 * token, of the URL and each field's name and value, in order of the names, with nothing between. A field that comes
 * twice counts once for each different value, as in Twilio's own libraries.
 */
export function signTwilio({ authToken, url, params }: TwilioCall): string {
  const signed = [...new Set(params.keys())]
    .sort()
    .flatMap((name) => [...new Set(params.getAll(name))].sort().map((value) => name + value));
  return createHmac('sha1', authToken)
    .update(url + signed.join(''), 'utf8')
    .digest('base64');
}

/** In constant time. */
export function verifyTwilio(call: TwilioCall & { readonly signature: string }): boolean {
  const expected = Buffer.from(signTwilio(call));
  const given = Buffer.from(call.signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}
