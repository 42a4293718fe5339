import PostalMime from 'postal-mime';

/** A mail as its reader sees it. */
export interface ReadMail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  readonly headers: readonly { readonly key: string; readonly value: string }[];
  /** Addresses of its links, in order. */
  readonly links: readonly string[];
  /** Addresses of its pictures, in order. */
  readonly pictures: readonly string[];
}

const decoded = (attribute: string): string => attribute.replaceAll('&amp;', '&').replaceAll('&#38;', '&');

function attributes(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map((match) => decoded(match[1] ?? '')).filter((url) => url !== '');
}

/** Takes a raw message apart. Pictures inside the message become data addresses, so that they can be shown. */
export async function readMail(raw: Buffer): Promise<ReadMail> {
  const mail = await PostalMime.parse(raw, { attachmentEncoding: 'base64' });
  let html = mail.html ?? '';
  for (const part of mail.attachments) {
    const id = part.contentId?.replace(/^<|>$/g, '');
    if (id && typeof part.content === 'string')
      html = html.replaceAll(`cid:${id}`, `data:${part.mimeType};base64,${part.content}`);
  }
  return {
    subject: mail.subject ?? '',
    html,
    text: mail.text ?? '',
    headers: mail.headers.map(({ key, value }) => ({ key, value })),
    links: attributes(html, /<a\b[^>]*?\bhref="([^"]*)"/gi),
    pictures: attributes(html, /<img\b[^>]*?\bsrc="([^"]*)"/gi),
  };
}
