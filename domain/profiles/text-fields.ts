import { own } from '../shared/own';
import { accept, refuse, type Checked } from './checked';
import { languageNamed } from './languages';
import { frenchArea } from './places';

/** Longest text a field takes, in UTF-16 units. */
export const TEXT_MAX = 500;

/** Control characters, U+FFFD (bytes that were not UTF-8) and lone surrogates: none belongs in a name or a key. */
const BROKEN = /\ufffd|\p{Cs}/u;
const CONTROL = /\p{Cc}/u;

/** Visible ASCII, each blank alone: most of what comes, and as it should be. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/** NFC, no surrounding space, inner white space as one space. */
export function normaliseText(input: string): Checked<string> {
  if (input.length <= TEXT_MAX && PLAIN.test(input)) return accept(input);
  if (BROKEN.test(input)) return refuse('encoding-invalid');
  const text = input.normalize('NFC').replace(/\s+/gu, ' ').trim();
  return text.length > TEXT_MAX || CONTROL.test(text) ? refuse('text-invalid') : accept(text);
}

const CIVILITIES: Readonly<Record<string, string>> = {
  m: 'M.',
  mr: 'M.',
  monsieur: 'M.',
  h: 'M.',
  mme: 'Mme',
  mlle: 'Mme',
  madame: 'Mme',
  f: 'Mme',
  mrs: 'Mme',
  ms: 'Mme',
};

/** `M.` or `Mme`; `Mlle` left French administrative forms in 2012 and becomes `Mme`. */
export function normaliseCivility(input: string): Checked<string> {
  const known = own(CIVILITIES, input.trim().toLowerCase().replace(/\.$/, ''));
  return known === undefined ? refuse('civility-unknown') : accept(known);
}

const FRENCH_MARKETS = /^fr\b/i;

/** Five digits in France (spreadsheets lose the leading zero: `1000` is 01000); elsewhere letters, digits, dashes. */
export function normalisePostcode(input: string, market = 'FR'): Checked<string> {
  const text = input.trim().toUpperCase();
  if (FRENCH_MARKETS.test(market)) {
    return /^\d{4,5}$/.test(text) ? accept(text.padStart(5, '0')) : refuse('postcode-invalid');
  }
  return /^[A-Z0-9][A-Z0-9 -]{1,11}$/.test(text) ? accept(text) : refuse('postcode-invalid');
}

/** An official French code (`1` → `01`, `2a` → `2A`) or name; in other markets the market's own division as it stands. */
export function normaliseArea(input: string, market = 'FR'): Checked<string> {
  if (FRENCH_MARKETS.test(market)) return frenchArea(input);
  const text = input.trim().toUpperCase();
  return /^[A-Z0-9][A-Z0-9-]{0,9}$/.test(text) ? accept(text) : refuse('area-unknown');
}

export function normaliseMarket(input: string): Checked<string> {
  const text = input.trim().toUpperCase();
  return /^[A-Z0-9][A-Z0-9-]{1,19}$/.test(text) ? accept(text) : refuse('market-invalid');
}

/** `fr`, `fr-BE` from a locale, a code of three letters (`fre`, `fra`) or a language's name in French, English or itself. */
export function normaliseLocale(input: string): Checked<string> {
  const match = /^([a-z]{2,3})(?:[-_]([a-z]{2}))?$/i.exec(input.trim());
  if (match === null) {
    const named = languageNamed(input);
    return named === null ? refuse('locale-invalid') : accept(named);
  }
  const language = new Intl.Locale(match[1] ?? '').language;
  return accept(match[2] === undefined ? language : `${language}-${match[2].toUpperCase()}`);
}

/** A name of the IANA time zone database, as this machine's copy knows it. */
export function normaliseTimezone(input: string): Checked<string> {
  try {
    return accept(new Intl.DateTimeFormat('en', { timeZone: input.trim() }).resolvedOptions().timeZone);
  } catch {
    return refuse('timezone-unknown');
  }
}
