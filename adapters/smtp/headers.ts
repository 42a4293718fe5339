import { encodeWord, foldLines, isPlainText } from 'nodemailer/lib/mime-funcs';

/** RFC 5322 §2.1.1: a header line stays under 998 characters; folding is for people, at 76. */
const FOLD_AT = 76;
const ENCODED_WORD_LENGTH = 52;

export interface Mailbox {
  readonly name?: string;
  readonly address: string;
}

export const oneLine = (value: string): string => value.replace(/[\r\n]+/g, ' ').trim();

/** Unstructured text (a subject). Line breaks cannot get in, so no header can be smuggled behind it. */
export const unstructured = (value: string): string => {
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

export const mailbox = (to: Mailbox): string =>
  to.name === undefined || to.name.trim() === '' ? to.address : `${phrase(to.name)} <${to.address}>`;

/** A header that may take several lines. */
export const folded = (header: string): string => foldLines(header, FOLD_AT);

/** RFC 5322 §3.3. */
export const dateHeader = (date: Date): string => `Date: ${date.toUTCString().replace('GMT', '+0000')}`;

/** Headers on one line each, whatever their length: a folded List-Unsubscribe has broken DKIM signatures downstream. */
export const wholeHeaders = (headers: Readonly<Record<string, string>>): string[] =>
  Object.entries(headers).map(([name, value]) => `${name}: ${unstructured(value)}`);

/** RFC 2046 §5.1.4: text before html, so that who can show both shows html. */
export const alternativePart = (boundary: string, type: 'text/plain' | 'text/html'): string =>
  `--${boundary}\r\nContent-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;

export const alternativeHeaders = (boundary: string): string[] => [
  'MIME-Version: 1.0',
  `Content-Type: multipart/alternative; boundary="${boundary}"`,
];
