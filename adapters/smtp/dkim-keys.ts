import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BoucleError } from '../../domain/shared/errors';
import type { DkimKey } from './dkim';

/** Named as the record it is published under (RFC 6376 §3.6.2.1): `<selector>._domainkey.<domain>.pem`. */
const FILE = /^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\._domainkey\.([a-z0-9.-]+)\.pem$/;
const WEAKEST_RSA_BITS = 1_024;

/** Every private key of a folder. Throws `configuration-invalid` naming the file that cannot sign. */
export function readDkimKeys(folder: string): DkimKey[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.pem'))
    .sort()
    .map((file) => {
      const [, selector, domain] = FILE.exec(file) ?? [];
      if (selector === undefined || domain === undefined)
        throw invalid(file, 'is named <selector>._domainkey.<domain>.pem');
      return { selector, domain, key: privateKey(folder, file) };
    });
}

function privateKey(folder: string, file: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(join(folder, file)));
  } catch {
    // What the library says may repeat a part of the file.
    throw invalid(file, 'is no private key in PEM');
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type !== 'ed25519' && (type !== 'rsa' || (details?.modulusLength ?? 0) < WEAKEST_RSA_BITS))
    throw invalid(file, 'is neither RSA of 1024 bits or more nor Ed25519');
  return key;
}

const invalid = (file: string, what: string): BoucleError =>
  new BoucleError('configuration-invalid', `DKIM_KEYS_DIR: ${file} ${what}`);
