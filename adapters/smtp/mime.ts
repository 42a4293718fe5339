import type { OutgoingEmail } from '../../domain/delivery/ports';
import {
  alternativeHeaders,
  alternativePart,
  dateHeader,
  folded,
  mailbox,
  oneLine,
  unstructured,
  wholeHeaders,
} from './headers';
import { quotedPrintable } from './quoted-printable';

/**
 * One message for the wire: multipart/alternative, both parts quoted-printable, so 7-bit whatever is in it. The
 * boundary cannot occur in a part: `=_` is no quoted-printable sequence.
 */
export function buildMime(email: OutgoingEmail, date: Date): string {
  const boundary = `=_boucle_${email.deliveryId}`;
  const head = [
    folded(`From: ${mailbox(email.from)}`),
    folded(`To: ${mailbox(email.to)}`),
    ...(email.replyTo === undefined ? [] : [folded(`Reply-To: ${oneLine(email.replyTo)}`)]),
    folded(`Subject: ${unstructured(email.subject)}`),
    `Message-ID: ${oneLine(email.messageId)}`,
    dateHeader(date),
    ...wholeHeaders(email.headers),
    ...alternativeHeaders(boundary),
    '',
    alternativePart(boundary, 'text/plain'),
  ];
  return Buffer.concat([
    Buffer.from(head.join('\r\n'), 'latin1'),
    quotedPrintable(email.text),
    Buffer.from(`\r\n${alternativePart(boundary, 'text/html')}`, 'latin1'),
    quotedPrintable(email.html),
    Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'),
  ]).toString('latin1');
}
