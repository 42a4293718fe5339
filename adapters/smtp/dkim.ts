import { createHash, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { memoised } from '../renderer/memoised';

export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  /** RSA, or Ed25519 (RFC 8463). */
  readonly key: KeyObject;
}

/** Puts a DKIM-Signature in front of a message; a sender whose domain has no key leaves it as it is. */
export type DkimSigner = (mime: string, senderDomain: string, now: Date) => Promise<string>;

/** RFC 6376 §5.4.1, and what RFC 8058 §4 asks for: whoever forwards may not put another unsubscribe link in. */
const SIGNED_HEADERS = [
  'from',
  'reply-to',
  'to',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'feedback-id',
  'auto-submitted',
];
const LINE = 72;
// On a thread of its own: a signature of RSA-2048 takes longer than everything else about a message.
const signed = promisify<string | null, Buffer, KeyObject, Buffer>(sign);

const sha256 = (text: string): Buffer => createHash('sha256').update(text, 'latin1').digest();

/** RFC 6376 §3.4.2: lower-case name, one line, single blanks. */
export function relaxedHeader(header: string): string {
  const colon = header.indexOf(':');
  const value = header
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${header.slice(0, colon).trim().toLowerCase()}:${value}`;
}

/** RFC 6376 §3.4.4: single blanks, none at a line's end, one line break at the end and none where there is no body. */
export function relaxedBody(body: string): string {
  const text = body.replace(/[ \t]+\r\n/g, '\r\n').replace(/[ \t]+/g, ' ');
  let end = text.length;
  while (end >= 2 && text.startsWith('\r\n', end - 2)) end -= 2;
  return end === 0 ? '' : `${text.slice(0, end)}\r\n`;
}

/** Signs relaxed/relaxed: what relays fold, trim and re-space on the way does not break it. */
export function createDkimSigner(keys: readonly DkimKey[]): DkimSigner {
  const byDomain = new Map(keys.map((key) => [key.domain, key]));
  /** The sender's own domain, else the nearest one above it. */
  const keyFor = memoised((domain): DkimKey | null => {
    for (let name = domain; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
      const key = byDomain.get(name);
      if (key !== undefined) return key;
    }
    return null;
  });

  return async (mime, senderDomain, now) => {
    const found = keyFor(senderDomain);
    if (found === null) return mime;
    const { domain, selector, key } = found;
    const seam = mime.indexOf('\r\n\r\n');
    const headers = new Map(
      mime
        .slice(0, seam)
        .split(/\r\n(?![ \t])/)
        .map((header) => [header.slice(0, header.indexOf(':')).trim().toLowerCase(), relaxedHeader(header)]),
    );
    const names = SIGNED_HEADERS.filter((name) => headers.has(name));
    const edwards = key.asymmetricKeyType === 'ed25519';
    const open = [
      `DKIM-Signature: v=1; a=${edwards ? 'ed25519' : 'rsa'}-sha256; c=relaxed/relaxed; d=${domain}; s=${selector};`,
      ` t=${Math.floor(now.getTime() / 1_000)}; h=${folded(names)};`,
      ` bh=${sha256(relaxedBody(mime.slice(seam + 4))).toString('base64')};`,
      ' b=',
    ].join('\r\n');
    const input = [...names.map((name) => headers.get(name) ?? ''), relaxedHeader(open)].join('\r\n');
    const signature = await (edwards
      ? signed(null, sha256(input), key)
      : signed('sha256', Buffer.from(input, 'latin1'), key));
    const text = signature.toString('base64').replace(new RegExp(`(.{${LINE}})(?!$)`, 'g'), '$1\r\n ');
    return `${open}${text}\r\n${mime}`;
  };
}

/** A list of names in lines that no relay has to fold. */
function folded(names: readonly string[]): string {
  let text = '';
  let line = 20;
  for (const name of names) {
    if (line + name.length > LINE) {
      text += '\r\n  ';
      line = 2;
    }
    text += `${text === '' ? '' : ':'}${name}`;
    line += name.length + 1;
  }
  return text;
}
