import { fieldGroups, typedAddress, type Fields } from './fields';

/** Why a mail that came back says nothing to rely on. */
export type Unknown =
  /** No mail at all, or one that cannot be taken apart. */
  | 'unreadable'
  /** Somebody's absence note, or another answer of a machine. */
  | 'auto-reply'
  /** Words for people, as older servers write them. */
  | 'no-report'
  /** A report that lacks what RFC 3464 asks for, or contradicts itself. */
  | 'incomplete-report'
  /** Several recipients of whom different things are told: which of them is ours stands nowhere. */
  | 'several-recipients'
  /** Handed on to where no report comes from. */
  | 'relayed'
  /** Feedback that is no complaint (`not-spam`, `other`…). */
  | 'no-complaint';

export type Status =
  | {
      readonly kind: 'bounced';
      readonly hard: boolean;
      /** `550 5.1.1`, or `5.1.1` where the diagnosis is none of SMTP. */
      readonly code: string;
      readonly recipients: readonly string[];
    }
  | { readonly kind: 'deferred' | 'delivered'; readonly recipients: readonly string[] }
  | { readonly kind: 'unknown'; readonly why: Unknown };

const unknown = (why: Unknown): Status => ({ kind: 'unknown', why });

/** A body of type message/delivery-status (RFC 3464, RFC 6533). What is missing is never made up. */
export function readDeliveryStatus(text: string): Status {
  const recipients = fieldGroups(text).filter((group) => group.has('final-recipient') || group.has('action'));
  const told = recipients.map(recipientStatus);
  const [first] = told;
  if (first === undefined) return unknown('incomplete-report');
  // An alias that was expanded reports each of its recipients: alike they say one thing.
  return told.every((other) => alike(first, other)) ? first : unknown('several-recipients');
}

const alike = (a: Status, b: Status): boolean =>
  a.kind === b.kind && (a.kind !== 'bounced' || b.kind !== 'bounced' || a.code === b.code);

function recipientStatus(fields: Fields): Status {
  const recipients = [fields.get('original-recipient'), fields.get('final-recipient')].flatMap(
    (value) => typedAddress(value) ?? [],
  );
  // Some add the words to the numbers (`5.1.1 (bad destination mailbox)`), which the grammar allows as a comment.
  const status = /^([245])\.(\d{1,3})\.(\d{1,3})(?=$|[\s(;])/.exec(fields.get('status') ?? '');
  const [enhanced, digit] = [status?.[0], status?.[1]];
  const action = (fields.get('action') ?? '').toLowerCase().replace(/[\s(].*$/, '');
  switch (action) {
    case 'failed':
      if (enhanced === undefined || digit === '2') return unknown('incomplete-report');
      return {
        kind: 'bounced',
        hard: digit === '5',
        code: codeOf(enhanced, fields.get('diagnostic-code') ?? ''),
        recipients,
      };
    case 'delayed':
      return digit === '4' ? { kind: 'deferred', recipients } : unknown('incomplete-report');
    case 'delivered':
      return digit === '2' ? { kind: 'delivered', recipients } : unknown('incomplete-report');
    case 'relayed':
    case 'expanded':
      return unknown('relayed');
    default:
      return unknown('incomplete-report');
  }
}

/**
 * The server's own numbers where its diagnosis is one of SMTP and of the same class. A status that only says `5.0.0`
 * (undefined, RFC 3463 §3.1) gives way to what the server said.
 */
function codeOf(enhanced: string, diagnosis: string): string {
  const match = /^(?:x-)?smtp\s*;\s*(?:.*?\b)?([45]\d\d)[ -]#?(?:([45]\.\d{1,3}\.\d{1,3})\b)?/i.exec(
    diagnosis,
  );
  const [reply, told] = [match?.[1], match?.[2]];
  if (reply === undefined || reply[0] !== enhanced[0]) return enhanced;
  const undefinedStatus = enhanced.endsWith('.0.0') && told !== undefined && told[0] === enhanced[0];
  return `${reply} ${undefinedStatus ? told : enhanced}`;
}
