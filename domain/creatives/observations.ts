import type { Channel, Nature } from '../shared/words';
import type { TransparentWords } from './creative';
import type { FixedVariable, VariableUse } from './language';

/** One rendering with a person of the worst kind: nothing known, a long name, an apostrophe, markup… */
export interface Variant {
  readonly person: string;
  readonly subject: string;
  readonly preheader: string;
  /** What a reader sees or hears of the HTML part: words, alternative texts, title; empty without one. */
  readonly visibleText: string;
  readonly text: string;
}

export interface ContrastPair {
  readonly name: string;
  readonly foreground: string;
  readonly background: string;
  /** WCAG 2.2 contrast ratio, 1…21. */
  readonly ratio: number;
  /** At least 24 px, or 18.66 px bold: 3 : 1 is enough. */
  readonly large: boolean;
}

/**
 * What QA looks at, and all it looks at: activities observe, checks judge. What a channel has not (pictures, colours,
 * a title) is empty; checks of it are not run for that channel.
 */
export interface Observations {
  readonly channel: Channel;
  readonly nature: Nature;
  /** Words the channel cannot do without and nobody wrote, by their place in the content: `inApp`. */
  readonly missing: readonly string[];
  readonly variants: readonly Variant[];
  readonly variableUses: readonly VariableUse[];
  readonly fixedUses: readonly FixedVariable[];
  readonly images: readonly { readonly src: string; readonly alt: string | null; readonly linked: boolean }[];
  readonly links: readonly { readonly href: string; readonly label: string }[];
  /** Where the tracked links lead. */
  readonly targets: readonly string[];
  readonly lang: string;
  readonly title: string;
  readonly contrasts: readonly ContrastPair[];
  /** The HTML part as quoted-printable, the longest variant. */
  readonly weightBytes: number;
  readonly sender: { readonly name: string; readonly address: string };
  /** Of an SMS: its STOP mention. */
  readonly unsubscribe: { readonly required: boolean; readonly inBody: boolean };
  readonly heroIsFallback: boolean;
  /** The longest variant of an SMS; null: it is none. */
  readonly sms: {
    readonly encoding: 'gsm7' | 'ucs2';
    readonly segments: number;
    /** Characters that make it UCS-2. */
    readonly odd: readonly string[];
    /** Characters of its link; 0: it has none. */
    readonly linkLength: number;
  } | null;
  /** As they are written; null: not an in-app message. */
  readonly transparent: TransparentWords | null;
  /** null: not a letter. */
  readonly letter: { readonly pages: number; readonly hasSenderAddress: boolean } | null;
  /** Most that one of these messages may cost, millionths of a euro; null: a letter heavier than any that has a price. */
  readonly unitMicros: number | null;
}
