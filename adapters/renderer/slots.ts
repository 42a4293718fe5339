import type { MessageValues } from '../../domain/campaigns/message-values';
import {
  believablePerson,
  type PersonValues,
  type PersonVariableName,
} from '../../domain/creatives/variables';
import { parseCreative, type Fillable, type LiquidScope } from './liquid';
import { memoised } from './memoised';

export interface PersonalUrls {
  /** By the creative's link index. */
  readonly links: readonly string[];
  readonly unsubscribeUrl: string;
  /** null: this person's opens are not to be seen. */
  readonly pixelUrl: string | null;
}

/** A text with places: `fixed[0] value fixed[1] value … fixed[n]`, the values by their number. */
export interface SlottedText {
  readonly fixed: readonly string[];
  readonly slots: readonly number[];
}

export type SlottedMessage = { readonly [P in keyof Fillable]: SlottedText };

export interface Placed {
  /** The same object for everybody who has the same variables: what is made of it can be kept. */
  readonly message: SlottedMessage;
  /** By number; nothing escaped yet. Where there is none, no text of the message has its place. */
  readonly values: readonly string[];
}

/** What stands in a creative for one person; null: Liquid itself has to fill this one in. */
export type SlotTemplate = (person: PersonValues, urls: PersonalUrls, values: MessageValues) => Placed | null;

interface Slot {
  /** null: not there; undefined: the creative names what nobody gave. */
  readonly read: (
    person: PersonValues,
    urls: PersonalUrls,
    values: MessageValues,
  ) => string | null | undefined;
}

/** One private-use character stands for each slot while Liquid prints the rest. */
const FIRST_MARK = 0xe100;
const MARKS = /[\ue100-\ue11d]/;
/** A variant is known by one bit a slot. */
const MOST_SLOTS = 30;

const DEFAULT = String.raw`(?:\s*\|\s*default:\s*(?:"[^"{}]*"|'[^'{}]*'))?`;
/** What the renderer writes, and what comes out the same however the values look. */
const KNOWN = new RegExp(
  String.raw`\{\{\s*(?:(?:person\.(firstName|lastName|city)|message\.(\w+))${DEFAULT}|links\[(\d{1,2})\]|(unsubscribeUrl|pixelUrl)|'\{')\s*\}\}` +
    String.raw`|\{%\s*(?:if (?:person\.(firstName|lastName|city)|(pixelUrl))|else|endif)\s*%\}`,
  'g',
);

const believed: { readonly [N in PersonVariableName]: (raw: string) => string | null } = {
  firstName: memoised((raw) => believablePerson({ firstName: raw }).values.firstName),
  lastName: memoised((raw) => believablePerson({ lastName: raw }).values.lastName),
  city: memoised((raw) => believablePerson({ city: raw }).values.city),
};

/** Every slot a creative names, or null when it holds Liquid that is not known here. */
function slotsOf(source: string): ReadonlyMap<string, Slot> | null {
  const slots = new Map<string, Slot>();
  if (/[\ue100-\ue1ff]|\{\{[{%]/.test(source) || /\{[{%]/.test(source.replace(KNOWN, ''))) return null;
  for (const [, person, message, link, url, ifPerson, ifUrl] of source.matchAll(KNOWN)) {
    const name = person ?? ifPerson;
    if (name === 'firstName' || name === 'lastName' || name === 'city')
      slots.set(`person.${name}`, {
        read: (values) => {
          const raw = values[name];
          return raw === undefined || raw === null ? null : believed[name](raw);
        },
      });
    else if (message !== undefined)
      slots.set(`message.${message}`, { read: (_person, _urls, values) => values[message] ?? null });
    else if (link !== undefined)
      slots.set(`links.${link}`, { read: (_person, urls) => urls.links[Number(link)] });
    else if (url === 'unsubscribeUrl') slots.set(url, { read: (_person, urls) => urls.unsubscribeUrl });
    else if (url !== undefined || ifUrl !== undefined)
      slots.set('pixelUrl', { read: (_person, urls) => urls.pixelUrl });
  }
  return slots.size > MOST_SLOTS ? null : slots;
}

/**
 * Cuts a creative where a person's values stand. Liquid prints it once for each set of variables that people have,
 * with a mark for each value; so what comes out is Liquid's own work, conditions and fallbacks decided, and only the
 * values are left to put in. null: the creative holds something whose outcome depends on more than which values are
 * there. Throws where Liquid cannot read it.
 */
export function cutIntoSlots(creative: Fillable): SlotTemplate | null {
  const named = slotsOf([creative.subject, creative.html, creative.text].join('\n'));
  if (named === null) return null;
  const print = parseCreative(creative);
  const names = [...named.keys()];
  const slots = [...named.values()];
  const variants = new Map<number, SlottedMessage | null>();

  return (person, urls, given) => {
    const values: string[] = [];
    let present = 0;
    for (let number = 0; number < slots.length; number += 1) {
      const value = slots[number]?.read(person, urls, given);
      // A line break might join one beside it, and an empty text is there or not depending on who asks.
      if (value === undefined || value === '' || (value !== null && UNSAFE.test(value))) return null;
      values.push(value ?? '');
      if (value !== null) present |= 1 << number;
    }
    let message = variants.get(present);
    if (message === undefined) {
      message = variantOf(print, names, present);
      variants.set(present, message);
    }
    return message === null ? null : { message, values };
  };
}

const UNSAFE = /[\r\n\ue100-\ue1ff]/;

/** null: Liquid refuses it, and will say so for each person. */
function variantOf(
  print: (scope: LiquidScope) => Fillable,
  names: readonly string[],
  present: number,
): SlottedMessage | null {
  const markOf = (name: string): string | null => {
    const number = names.indexOf(name);
    return number >= 0 && (present & (1 << number)) !== 0 ? String.fromCharCode(FIRST_MARK + number) : null;
  };
  const group = (prefix: string): Record<string, string | null> =>
    Object.fromEntries(
      names
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name.slice(prefix.length), markOf(name)]),
    );
  const links: string[] = [];
  for (const [index, mark] of Object.entries(group('links.'))) links[Number(index)] = mark ?? '';
  try {
    const printed = print({
      person: { firstName: null, lastName: null, city: null, ...group('person.') },
      message: group('message.'),
      links,
      unsubscribeUrl: markOf('unsubscribeUrl') ?? '',
      pixelUrl: markOf('pixelUrl'),
    });
    return { subject: slotted(printed.subject), html: slotted(printed.html), text: slotted(printed.text) };
  } catch {
    return null;
  }
}

function slotted(printed: string): SlottedText {
  const slots: number[] = [];
  const fixed: string[] = [];
  let from = 0;
  for (const { index } of printed.matchAll(new RegExp(MARKS, 'g'))) {
    slots.push(printed.charCodeAt(index) - FIRST_MARK);
    fixed.push(printed.slice(from, index));
    from = index + 1;
  }
  fixed.push(printed.slice(from));
  return { fixed, slots };
}
