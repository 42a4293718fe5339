import { encodeWord, foldLines, isPlainText } from 'nodemailer/lib/mime-funcs';
import type { OutgoingEmail } from '../../domain/delivery/ports';
import { quotedPrintable } from './quoted-printable';

/** RFC 5322 §2.1.1: a header line stays under 998 characters; folding is for people, at 76. */
const FOLD_AT = 76;
const ENCODED_WORD_LENGTH = 52;

const oneLine = (value: string): string => value.replace(/[\r\n]+/g, ' ').trim();

/** Unstructured text (a subject). Line breaks cannot get in, so no header can be smuggled behind it. */
const unstructured = (value: string): string => {
  const line = oneLine(value);
  return isPlainText(line) ? line : encodeWord(line, 'Q', ENCODED_WORD_LENGTH);
};

/** A display name: base64 words, since quoted-printable ones may hold characters that a phrase may not. */
const phrase = (name: string): string => {
  const line = oneLine(name);
  if (/^[\w !'-]+$/.test(line)) return `"${line}"`;
  return isPlainText(line)
    ? `"${line.replace(/["\\]/g, '\\$&')}"`
    : encodeWord(line, 'B', ENCODED_WORD_LENGTH);
};

const mailbox = (to: { readonly name?: string; readonly address: string }): string =>
  to.name === undefined || to.name.trim() === '' ? to.address : `${phrase(to.name)} <${to.address}>`;

/**
 * One message for the wire: multipart/alternative, text before html, both quoted-printable, so 7-bit whatever is in
 * it. The boundary cannot occur in a part: `=_` is no quoted-printable sequence. Headers of `email.headers` are kept
 * on one line each (a folded List-Unsubscribe has broken DKIM signatures downstream).
 */
export function buildMime(email: OutgoingEmail, date: Date): Buffer {
  const boundary = `=_boucle_${email.deliveryId}`;
  const folded = [
    `From: ${mailbox(email.from)}`,
    `To: ${mailbox(email.to)}`,
    ...(email.replyTo === undefined ? [] : [`Reply-To: ${oneLine(email.replyTo)}`]),
    `Subject: ${unstructured(email.subject)}`,
  ].map((line) => foldLines(line, FOLD_AT));
  const whole = [
    `Message-ID: ${oneLine(email.messageId)}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    ...Object.entries(email.headers).map(([name, value]) => `${name}: ${unstructured(value)}`),
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
  ];
  const part = (type: string): string =>
    `--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;
  return Buffer.concat([
    Buffer.from([...folded, ...whole, '', part('text/plain')].join('\r\n'), 'latin1'),
    quotedPrintable(email.text),
    Buffer.from(`\r\n${part('text/html')}`, 'latin1'),
    quotedPrintable(email.html),
    Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'),
  ]);
}
