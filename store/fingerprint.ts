import { createHmac } from 'node:crypto';

export type KeyKind = 'email' | 'phone' | 'customer';

/**
 * HMAC-SHA-256 of a normalised key under the pepper: equal for equal keys, worthless to whoever lacks the pepper
 * (a plain hash of an address or a telephone number is guessed in minutes). The kind is part of what is hashed.
 */
export function fingerprint(pepper: string, kind: KeyKind, normalised: string): Buffer {
  return createHmac('sha256', pepper).update(`${kind}\u001f${normalised}`, 'utf8').digest();
}
