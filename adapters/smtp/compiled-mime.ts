import { createHash } from 'node:crypto';
import type { MessageValues } from '../../domain/campaigns/message-values';
import type { PersonValues } from '../../domain/creatives/variables';
import { escapedHtml } from '../renderer/escaped-html';
import type { Fillable } from '../renderer/liquid';
import { memoised } from '../renderer/memoised';
import { cutIntoSlots, type PersonalUrls, type SlottedMessage, type SlottedText } from '../renderer/slots';
import {
  alternativeHeaders,
  alternativePart,
  dateHeader,
  folded,
  mailbox,
  oneLine,
  unstructured,
  wholeHeaders,
  type Mailbox,
} from './headers';
import { quotedPrintable } from './quoted-printable';

/** What all messages of one creative have in common. */
export interface MimeFrame {
  readonly from: Mailbox;
  readonly replyTo?: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface MimePerson {
  readonly person: PersonValues;
  readonly urls: PersonalUrls;
  readonly values: MessageValues;
  /** As the wire takes it. */
  readonly to: string;
  readonly messageId: string;
  /** Plain ASCII, one line each. */
  readonly headers: Readonly<Record<string, string>>;
  readonly date: Date;
}

/** The whole message for one person; null: it has to be filled in by Liquid and written by `buildMime`. */
export type FillMime = (person: MimePerson) => string | null;

/** Encoded once: the fixed texts with the values' places in them. `part` says how a value is encoded there. */
interface Body {
  readonly fixed: readonly string[];
  readonly slots: readonly number[];
  readonly parts: readonly Part[];
}
type Part = 'text' | 'html';

/** One flat string: a rope made piece by piece is walked again at every use, four times the cost of a fill. */
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
const quoted = (text: string): string => quotedPrintable(text).toString('latin1');

/** Most addresses and many names are the same in HTML, in quoted-printable and as they are. */
const AS_IT_IS = /^[A-Za-z0-9/][\w:/,?#@!$()*+;~%. -]{0,72}[\w/]$/;
const encodedValue: { readonly [P in Part]: (value: string) => string } = {
  text: memoised(quoted),
  html: memoised((value) => quoted(escapedHtml(value))),
};
const SOFT_BREAK = '=\r\n';

/**
 * A part with a soft line break on either side of each place, where a line does not begin or end there anyhow: a value
 * can then be encoded by itself, and no line grows too long whatever it is.
 */
function encodedPart({ fixed, slots }: SlottedText): {
  readonly fixed: string[];
  readonly slots: readonly number[];
} {
  const last = fixed.length - 1;
  return {
    slots,
    fixed: fixed.map((text, at) => {
      const encoded = quoted(text);
      const nothing = encoded === '' && at === last;
      const before = at === 0 || nothing || encoded.startsWith('\r\n') ? '' : SOFT_BREAK;
      const after = at === last || encoded === '' || encoded.endsWith('\r\n') ? '' : SOFT_BREAK;
      return before + encoded + after;
    }),
  };
}

function bodyOf({ text, html }: SlottedMessage, frame: string, boundary: string): Body {
  const plain = encodedPart(text);
  const rich = encodedPart(html);
  const [first = '', ...others] = [...plain.fixed, ...rich.fixed];
  const seam = plain.fixed.length - 1;
  const joint = `\r\n${alternativePart(boundary, 'text/html')}`;
  const all = [`${frame}\r\n\r\n${alternativePart(boundary, 'text/plain')}${first}`, ...others];
  // The end of the first part and the beginning of the second are one fixed text.
  all.splice(seam, 2, `${all[seam] ?? ''}${joint}${all[seam + 1] ?? ''}`);
  all[all.length - 1] += `\r\n--${boundary}--\r\n`;
  return {
    fixed: all.map(flat),
    slots: [...plain.slots, ...rich.slots],
    parts: [...plain.slots.map((): Part => 'text'), ...rich.slots.map((): Part => 'html')],
  };
}

/**
 * Writes a creative's MIME once; what it answers puts one person in, in some microseconds instead of a hundred. The
 * result reads as what Liquid and `buildMime` make. null: this creative cannot be cut into slots.
 */
export function compileMime(creative: Fillable, frame: MimeFrame): FillMime | null {
  const place = cutIntoSlots(creative);
  if (place === null) return null;
  const hash = createHash('sha256').update(creative.text).update(creative.html).digest('hex');
  const boundary = `=_boucle_${hash.slice(0, 16)}`;
  const frameHeaders = [
    folded(`From: ${mailbox(frame.from)}`),
    ...(frame.replyTo === undefined ? [] : [folded(`Reply-To: ${oneLine(frame.replyTo)}`)]),
    ...wholeHeaders(frame.headers),
    ...alternativeHeaders(boundary),
  ].join('\r\n');
  const bodies = new WeakMap<SlottedMessage, Body>();
  const dateLine = oncePerSecond(dateHeader);

  return ({ person, urls, values: given, to, messageId, headers, date }) => {
    const placed = place(person, urls, given);
    if (placed === null) return null;
    const { message, values } = placed;
    let body = bodies.get(message);
    if (body === undefined) {
      body = bodyOf(message, frameHeaders, boundary);
      bodies.set(message, body);
    }
    let mime = `To: ${to}\r\n${subjectHeader(subjectOf(message.subject, values))}\r\nMessage-ID: ${messageId}\r\n${dateLine(date)}\r\n`;
    for (const name in headers) mime += `${name}: ${headers[name] ?? ''}\r\n`;
    const { fixed, slots, parts } = body;
    mime += fixed[0] ?? '';
    for (let i = 0; i < slots.length; i += 1) {
      const value = values[slots[i] ?? 0] ?? '';
      mime += AS_IT_IS.test(value) ? value : encodedValue[parts[i] ?? 'html'](value);
      mime += fixed[i + 1] ?? '';
    }
    return mime;
  };
}

/**
 * `compileMime` that remembers: every shard of a wave asks for the same creatives again, and what is written for one
 * serves the others.
 */
export function createMimeCompiler(most = 500): typeof compileMime {
  const known = new Map<string, FillMime | null>();
  return (creative, frame) => {
    const { subject, html, text } = creative;
    const key = JSON.stringify([frame, subject, html, text]);
    const found = known.get(key);
    if (found !== undefined) return found;
    const fill = compileMime(creative, frame);
    if (known.size >= most) known.clear();
    known.set(key, fill);
    return fill;
  };
}

const subjectHeader = memoised((subject) => folded(`Subject: ${unstructured(subject)}`));

function subjectOf({ fixed, slots }: SlottedText, values: readonly string[]): string {
  let subject = fixed[0] ?? '';
  for (let i = 0; i < slots.length; i += 1) subject += (values[slots[i] ?? 0] ?? '') + (fixed[i + 1] ?? '');
  return subject;
}

function oncePerSecond(write: (date: Date) => string): (date: Date) => string {
  let last = { second: NaN, line: '' };
  return (date) => {
    const second = Math.floor(date.getTime() / 1_000);
    if (second !== last.second) last = { second, line: write(date) };
    return last.line;
  };
}
