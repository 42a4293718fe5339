import { createHmac, timingSafeEqual } from 'node:crypto';

export const SESSION_COOKIE = 'boucle_pages';
export const SESSION_SECONDS = 12 * 3_600;

/** A cookie that names an API key by its public half and when it ends, signed; the secret half is not in it. */
export function sealSession(secret: string, keyId: string, nowSeconds: number): string {
  const payload = `${keyId}.${nowSeconds + SESSION_SECONDS}`;
  return `${payload}.${mac(secret, payload)}`;
}

/** The key's id; null where the seal does not hold or its time is over. */
export function openSession(secret: string, sealed: string, nowSeconds: number): string | null {
  const [, keyId, until, given] = /^([a-z0-9]{1,40})\.(\d{1,12})\.([A-Za-z0-9_-]{43})$/.exec(sealed) ?? [];
  if (keyId === undefined || until === undefined || given === undefined) return null;
  const expected = Buffer.from(mac(secret, `${keyId}.${until}`));
  if (!timingSafeEqual(expected, Buffer.from(given))) return null;
  return Number(until) > nowSeconds ? keyId : null;
}

// The words keep this use of the secret apart from the links it also signs.
const mac = (secret: string, payload: string): string =>
  createHmac('sha256', secret).update(`pages-session:${payload}`).digest('base64url');

/** Value of one cookie in a Cookie header. */
export function cookieValue(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined) return value;
  }
  return null;
}

export const setCookie = (value: string, maxAgeSeconds: number, secure: boolean): string =>
  `${SESSION_COOKIE}=${value}; Path=/campaigns; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`;
