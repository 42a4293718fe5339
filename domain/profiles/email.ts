import { accept, refuse, type Checked } from './checked';

/** RFC 5321, 4.5.3.1: octets of the local part, and of a whole path without its angle brackets. */
const LOCAL_MAX = 64;
const ADDRESS_MAX = 254;

const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})$/;

/**
 * One spelling per inbox: NFC, lower case, the domain as ASCII (`bücher.example` → `xn--bcher-kva.example`). Strictly
 * a dot-atom at a domain name with a dot: quoted local parts and address literals exist in RFC 5321 and in no
 * customer file. A local part outside ASCII is refused, since most relays lack SMTPUTF8 and would bounce it.
 */
export function normaliseEmail(input: string): Checked<string> {
  const text = input.normalize('NFC').trim().toLowerCase();
  const at = text.lastIndexOf('@');
  if (at < 1 || at > LOCAL_MAX) return refuse('email-invalid');
  const local = text.slice(0, at);
  const host = asciiHost(text.slice(at + 1));
  if (host === null || !LOCAL.test(local) || at + 1 + host.length > ADDRESS_MAX)
    return refuse('email-invalid');
  return accept(`${local}@${host}`);
}

function asciiHost(host: string): string | null {
  if (HOST.test(host)) return host;
  // Only letters outside ASCII need the slow road; anything else (ports, paths, escapes) is no host name.
  if (!/[^\x00-\x7f]/.test(host) || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(host)) return null;
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  return HOST.test(url) ? url : null;
}
