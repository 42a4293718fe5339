import PostalMime from 'postal-mime';

/** Headers of one raw message by lower-case name; the first of several. Folded lines are joined. */
export function readHeaders(raw: Buffer): ReadonlyMap<string, string> {
  const end = raw.indexOf('\r\n\r\n');
  const block = raw.subarray(0, end === -1 ? raw.length : end).toString('latin1');
  const headers = new Map<string, string>();
  for (const line of block.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).toLowerCase();
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).trim());
  }
  return headers;
}

/** A header's text for people (RFC 2047 words decoded). */
export const headerWords = (value: string | undefined): string =>
  value === undefined ? '' : value.includes('=?') ? PostalMime.decodeWords(value) : value;

/** https address of List-Unsubscribe where one POST is enough (RFC 8058), else null. */
export function oneClickUnsubscribe(headers: ReadonlyMap<string, string>): string | null {
  if (!/List-Unsubscribe=One-Click/i.test(headers.get('list-unsubscribe-post') ?? '')) return null;
  return /<(https?:\/\/[^>]+)>/i.exec(headers.get('list-unsubscribe') ?? '')?.[1] ?? null;
}
