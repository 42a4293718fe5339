import { wireAddress } from '../../../adapters/smtp/address';
import type { FillMime } from '../../../adapters/smtp/compiled-mime';
import type { Brand } from '../../../domain/creatives/ports';
import type { OutgoingEmail } from '../../../domain/delivery/ports';
import type { Message, SendingCreative } from '../deps';
import { failed, type Composed, type Composer, type ComposingDeps, type ComposingTerms } from './composed';
import type { Filler, Personal, PersonalOf } from './filled';

/** Header tokens may not hold a colon: it separates the four fields of a Feedback-ID. */
const field = (text: string): string => text.replace(/[^\w.-]/g, '-');

/** RFC 8058: the address over https in production; one POST unsubscribes, a GET asks first. By mail for who still does. */
function unsubscribeHeader(url: string, mailbox: string | undefined): string {
  if (mailbox === undefined) return `<${url}>`;
  const token = url.slice(url.lastIndexOf('/') + 1);
  return `<${url}>, <mailto:${mailbox}?subject=unsubscribe%20${token}>`;
}

export function emailComposer(
  { urls, compileMime }: ComposingDeps,
  personalOf: PersonalOf,
  fill: Filler,
  terms: ComposingTerms,
  brand: Brand,
): Composer<'email'> {
  const { bounceDomain, unsubscribeMailbox } = brand.sender;
  const { name, address, replyTo } = brand.senders?.[terms.nature] ?? brand.sender;
  const senderDomain = address.slice(address.lastIndexOf('@') + 1);
  const from = { name, address };
  const common = {
    ...(terms.rule.unsubscribe ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {}),
    // RFC 3834: an answer about somebody's own affairs, and no machine shall answer it; lists say so by List-*.
    ...(terms.nature === 'service' || terms.nature === 'official'
      ? { 'Auto-Submitted': 'auto-generated' }
      : {}),
    'Feedback-ID': [terms.campaignId, terms.department, terms.nature, brand.key].map(field).join(':'),
  };
  const frame = { from, ...(replyTo === undefined ? {} : { replyTo }), headers: common };

  const written = new Map<number, FillMime | null>();
  const mimeOf = (creative: SendingCreative): FillMime | null => {
    const known = written.get(creative.creativeId);
    if (known !== undefined) return known;
    const made = compileMime?.(creative, frame) ?? null;
    written.set(creative.creativeId, made);
    return made;
  };

  const inOnePiece = (
    { creative, person, urls: personalUrls, values }: Personal,
    address: string,
    messageId: string,
    headers: Readonly<Record<string, string>>,
  ): string | null => {
    const to = wireAddress(address);
    if (to === null) return null;
    return (
      mimeOf(creative)?.({ person, urls: personalUrls, values, to, messageId, headers, date: new Date() }) ??
      null
    );
  };

  return (delivery, recipient): Composed<'email'> => {
    if (recipient === undefined || recipient.email === null) return failed('no-address');
    const personal = personalOf(delivery, recipient);
    if ('outcome' in personal) return personal;
    const own = {
      ...(terms.rule.unsubscribe
        ? { 'List-Unsubscribe': unsubscribeHeader(personal.urls.unsubscribeUrl, unsubscribeMailbox) }
        : {}),
      'X-Boucle-Delivery': String(delivery.id),
    };
    // Stable: a relay or mailbox that compares Message-IDs sees one message, however it came twice.
    const messageId = `<d${delivery.id}.${terms.campaignId}@${senderDomain}>`;
    const envelope = {
      deliveryId: delivery.id,
      to: { address: recipient.email },
      from,
      ...(replyTo === undefined ? {} : { replyTo }),
      messageId,
      ...(bounceDomain === undefined ? {} : { returnPath: urls.returnPath(delivery.id, bounceDomain) }),
    };
    let mime: string | null;
    try {
      mime = inOnePiece(personal, recipient.email, messageId, own);
    } catch {
      // The fault may repeat what it was filling in: it goes nowhere.
      return failed('personalisation');
    }
    const headers = { ...own, ...common };
    if (mime !== null)
      return { message: inMime({ ...envelope, headers }, mime, () => fill(delivery, recipient)) };
    const filled = fill(delivery, recipient);
    if ('outcome' in filled) return filled;
    const { subject, html, text } = filled.message;
    return { message: { ...envelope, headers, subject, html, text } };
  };
}

/** The words are in the MIME; who wants to read them apart has them filled in then. */
function inMime(
  envelope: Omit<OutgoingEmail, 'subject' | 'html' | 'text' | 'mime'>,
  mime: string,
  fill: () => ReturnType<Filler>,
): OutgoingEmail {
  const words = (): Message => {
    const filled = fill();
    if ('outcome' in filled) throw new Error('the words of a message that is in MIME cannot be filled in');
    return filled.message;
  };
  return {
    ...envelope,
    mime,
    get subject() {
      return words().subject;
    },
    get html() {
      return words().html;
    },
    get text() {
      return words().text;
    },
  };
}
