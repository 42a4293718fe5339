import { createHash } from 'node:crypto';
import PostalMime from 'postal-mime';
import { readDeliveryStatus, type Status, type Unknown } from './delivery-status';
import { fieldGroups, headerOf, typedAddress, type Fields } from './fields';

/** A mail that came to a return path or to a feedback loop's address. Holds addresses: never logged, never stored. */
export interface ReturnedMail {
  readonly status: Status | { readonly kind: 'complained'; readonly recipients: readonly string[] };
  /** The same mail twice is told once. */
  readonly id: string;
  /** When it was written; null: it does not say. */
  readonly at: Date | null;
  /** Where it was sent to, as its headers have it. */
  readonly sentTo: readonly string[];
  /** The header of our message, as far as it came back. */
  readonly original: Fields;
}

const STATUS = new Set(['message/delivery-status', 'message/global-delivery-status']);
const FEEDBACK = 'message/feedback-report';
const ORIGINAL = new Set([
  'message/rfc822',
  'text/rfc822-headers',
  'message/global',
  'message/global-headers',
]);
/** Feedback types that accuse the message (RFC 5965 §7.3; `virus` and `fraud` stop it as well). */
const COMPLAINTS = new Set(['abuse', 'fraud', 'virus']);
const SENT_TO = new Set(['to', 'delivered-to', 'x-original-to', 'envelope-to']);

/** Reports of RFC 3464 (delivery status) and RFC 5965 (feedback); anything else is recognised as unknown. */
export async function readReturnedMail(raw: Uint8Array): Promise<ReturnedMail> {
  const mail = await PostalMime.parse(raw, { forceRfc822Attachments: true, maxNestingDepth: 20 }).catch(
    () => null,
  );
  const parts = (mail?.attachments ?? []).map(({ mimeType, content }) => ({
    type: mimeType.toLowerCase(),
    text: typeof content === 'string' ? content : new TextDecoder().decode(content),
  }));
  const textOf = (types: ReadonlySet<string>): string | undefined =>
    parts.find(({ type }) => types.has(type))?.text;
  const headers = mail?.headers ?? [];
  const messageId = mail?.messageId;
  const written = Date.parse(mail?.date ?? '');
  return {
    status: statusOf(headers, textOf(STATUS), textOf(new Set([FEEDBACK]))),
    id: createHash('sha256')
      .update(messageId ?? raw)
      .digest('hex')
      .slice(0, 32),
    at: Number.isNaN(written) ? null : new Date(written),
    sentTo: headers.filter(({ key }) => SENT_TO.has(key)).map(({ value }) => value),
    original: headerOf(textOf(ORIGINAL) ?? ''),
  };
}

function statusOf(
  headers: readonly { readonly key: string; readonly value: string }[],
  status: string | undefined,
  feedback: string | undefined,
): ReturnedMail['status'] {
  const unknown = (why: Unknown) => ({ kind: 'unknown', why }) as const;
  if (feedback !== undefined) return readFeedback(feedback);
  if (status !== undefined) return readDeliveryStatus(status);
  if (headers.length === 0) return unknown('unreadable');
  const automatic = headers.find(({ key }) => key === 'auto-submitted')?.value.toLowerCase() ?? 'no';
  const fromNobody = headers.some(({ key, value }) => key === 'return-path' && value.trim() === '<>');
  // Bounces of servers without reports call themselves `auto-replied` too: only their empty return path tells them apart.
  return unknown(automatic.startsWith('auto-replied') && !fromNobody ? 'auto-reply' : 'no-report');
}

function readFeedback(text: string): ReturnedMail['status'] {
  const [fields] = fieldGroups(text);
  const type = fields?.get('feedback-type')?.toLowerCase() ?? '';
  if (fields === undefined || !COMPLAINTS.has(type)) return { kind: 'unknown', why: 'no-complaint' };
  const recipient = fields.get('original-rcpt-to');
  return {
    kind: 'complained',
    recipients: recipient === undefined ? [] : [typedAddress(recipient) ?? recipient.replace(/[<>]/g, '')],
  };
}
