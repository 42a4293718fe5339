import { createHmac } from 'node:crypto';
import { normaliseEmail } from '../domain/profiles/email';

export type KeyKind = 'email' | 'phone' | 'customer';

/** Keys people are found by, and what else is only known by its fingerprint. */
export type FingerprintKind = KeyKind | 'postal' | 'device';

/**
 * HMAC-SHA-256 of a normalised key under the pepper: equal for equal keys, worthless to whoever lacks the pepper
 * (a plain hash of an address or a telephone number is guessed in minutes). The kind is part of what is hashed.
 */
export function fingerprint(pepper: string, kind: FingerprintKind, normalised: string): Buffer {
  return createHmac('sha256', pepper).update(`${kind}\u001f${normalised}`, 'utf8').digest();
}

/** Fingerprints in hex by kind and normalised key, each computed once however often it is asked for. */
export type Fingerprints = (kind: FingerprintKind, normalised: string) => string;

export function fingerprints(pepper: string): Fingerprints {
  const known = new Map<string, string>();
  return (kind, normalised) => {
    const name = `${kind} ${normalised}`;
    const before = known.get(name);
    if (before !== undefined) return before;
    const made = fingerprint(pepper, kind, normalised).toString('hex');
    known.set(name, made);
    return made;
  };
}

/** Of an address as somebody wrote it, in hex; null: it is none. */
export function emailFingerprint(pepper: string, address: string): string | null {
  const normalised = normaliseEmail(address);
  return normalised.ok ? fingerprint(pepper, 'email', normalised.value).toString('hex') : null;
}
