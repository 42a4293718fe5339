/** What of a mail is watched: its tracked links in order, and the open pixel where there is one. */
export interface TrackedAddresses {
  readonly links: readonly string[];
  readonly pixel: string | null;
}

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => (match[1] ?? '').replaceAll('&amp;', '&'));

/**
 * Read straight off the raw message: addresses are ASCII, so undoing the soft breaks and equals signs of
 * quoted-printable is enough. A whole MIME parser took ten times as long, and thousands read at once.
 */
export function trackedAddresses(raw: Buffer): TrackedAddresses {
  const text = raw.toString('latin1').replaceAll('=\r\n', '').replaceAll('=3D', '=');
  return {
    links: all(text, /<a\b[^>]*?\bhref="([^"]*\/t\/c\/[^"]*)"/gi),
    pixel: all(text, /<img\b[^>]*?\bsrc="([^"]*\/t\/o\/[^"]*)"/gi)[0] ?? null,
  };
}
