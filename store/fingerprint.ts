import { createHmac, createSecretKey } from 'node:crypto';
import { normaliseEmail } from '../domain/profiles/email';

export type KeyKind = 'email' | 'phone' | 'customer';

/** Keys people are found by, and what else is only known by its fingerprint. */
export type FingerprintKind = KeyKind | 'postal' | 'device';

/**
 * HMAC-SHA-256 of a normalised key under the pepper: equal for equal keys, worthless to whoever lacks the pepper
 * (a plain hash of an address or a telephone number is guessed in minutes). The kind is part of what is hashed.
 */
export function fingerprint(pepper: string, kind: FingerprintKind, normalised: string): Buffer {
  return createHmac('sha256', pepper).update(named(kind, normalised), 'utf8').digest();
}

/** Fingerprints in hex by kind and normalised key, those asked for lately not computed again. */
export type Fingerprints = (kind: FingerprintKind, normalised: string) => string;

/** Of a kind, and as many before them: those of a batch of an import that is written, and of the next one. */
const REMEMBERED = 3_000;

export function fingerprints(pepper: string): Fingerprints {
  const key = createSecretKey(pepper, 'utf8');
  // By kind and then by key: to put both together for each look costs more than the look.
  const known = new Map<FingerprintKind, Map<string, string>>();
  const older = new Map<FingerprintKind, Map<string, string>>();
  return (kind, normalised) => {
    const ofKind = known.get(kind) ?? new Map<string, string>();
    const before = ofKind.get(normalised) ?? older.get(kind)?.get(normalised);
    if (before !== undefined) return before;
    const made = createHmac('sha256', key).update(named(kind, normalised), 'utf8').digest('hex');
    if (ofKind.size < REMEMBERED) known.set(kind, ofKind.set(normalised, made));
    else {
      older.set(kind, ofKind);
      known.set(kind, new Map([[normalised, made]]));
    }
    return made;
  };
}

const named = (kind: FingerprintKind, normalised: string): string => `${kind}\u001f${normalised}`;

/** Of an address as somebody wrote it, in hex; null: it is none. */
export function emailFingerprint(pepper: string, address: string): string | null {
  const normalised = normaliseEmail(address);
  return normalised.ok ? fingerprint(pepper, 'email', normalised.value).toString('hex') : null;
}
