import { parseContent, type FixedVariable, type Piece } from '../../domain/creatives/language';

/** What stands behind the variables of a text that are not a person's. */
export interface Vocabulary {
  readonly fixed: Readonly<Record<FixedVariable, string>>;
  /** Fallbacks of `message.…`, by the names the scenario declares. */
  readonly message: ReadonlyMap<string, string>;
  /** Where `{{ link }}` leads, printed as it is; null: tracked, known for each person. */
  readonly link: string | null;
  /** What is done to every word an editor wrote, fallbacks too. */
  readonly tidy?: (text: string) => string;
}

/**
 * While HTML is escaped, laid out and turned into a text part, each bit of Liquid is one mark of private-use
 * characters: no parser on the way can read it, break it or wrap it, and no editor can type one.
 */
export interface Marks {
  readonly liquid: string[];
}

const MARK = /\ue000(\d+)\ue001/g;
const PRIVATE = /[\ue000-\ue003]/g;
/** An opening brace as Liquid that prints it: braces the language does not know are shown, and QA blocks them. */
const BRACE = "{{ '{' }}";

export const newMarks = (): Marks => ({ liquid: [] });

const mark = (marks: Marks, liquid: string): string => `\ue000${marks.liquid.push(liquid) - 1}\ue001`;

/** Puts the Liquid back where its marks stand. */
export const unmark = (text: string, marks: Marks): string =>
  text.replace(MARK, (_, index: string) => marks.liquid[Number(index)] ?? '');

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** Words that hold no variables: a label, a legal text. */
export const literal = (text: string, marks: Marks): string =>
  text.replace(PRIVATE, '').replace(/\{/g, () => mark(marks, BRACE));

/** Liquid of our own: a tracked link's placeholder. */
export const placeholder = (liquid: string, marks: Marks): string => mark(marks, liquid);

/** The tracked link of a message, filled in for each person. */
export const TRACKED_LINK = '{{ links[0] }}';

/** An editor's text with every variable as a mark, nothing escaped yet. */
export function marked(source: string, words: Vocabulary, marks: Marks): string {
  const { tidy = (text: string) => text } = words;
  const liquidOf = (piece: Exclude<Piece, { kind: 'text' | 'fixed' }>): string => {
    switch (piece.kind) {
      case 'person':
        return variable(`person.${piece.name}`, piece.fallback === null ? null : tidy(piece.fallback));
      case 'message':
        return variable(`message.${piece.name}`, tidy(piece.fallback ?? words.message.get(piece.name) ?? ''));
      case 'if':
        return `{% if person.${piece.name} %}`;
      case 'else':
        return '{% else %}';
      case 'endif':
        return '{% endif %}';
      case 'link':
        return TRACKED_LINK;
    }
  };
  return parseContent(source, new Set(words.message.keys()))
    .map((piece) => {
      if (piece.kind === 'text') return literal(tidy(piece.text), marks);
      if (piece.kind === 'fixed') return literal(tidy(words.fixed[piece.name]), marks);
      if (piece.kind === 'link' && words.link !== null) return literal(words.link, marks);
      return mark(marks, liquidOf(piece));
    })
    .join('');
}

/** No fallback holds braces: neither the language nor the validation of a scenario lets them. */
function variable(name: string, fallback: string | null): string {
  if (fallback === null) return `{{ ${name} }}`;
  const words = fallback.replace(PRIVATE, '');
  const safe = words.includes("'") ? words.replaceAll('"', "'") : words;
  const quote = safe.includes('"') ? "'" : '"';
  return `{{ ${name} | default: ${quote}${safe}${quote} }}`;
}

/** A subject is a header, a title is a line. */
export const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, ' ').trim();

/** A value that is an address, by a name such as `confirmUrl`, is a link: not every mail client makes it one. */
export const linkedAddresses = (html: string, marks: Marks, colour: string): string =>
  html.replace(MARK, (mark, index: string) =>
    /^\{\{ message\.\w*Url\b/.test(marks.liquid[Number(index)] ?? '')
      ? `<a href="${mark}" style="color:${colour};word-break:break-all;">${mark}</a>`
      : mark,
  );

/** One line of HTML. */
export const inlineHtml = (text: string): string => escapeHtml(text).replace(/\s*\r?\n\s*/g, ' ');

/** HTML of a longer text: empty lines part paragraphs, single ones break, **stars** make strong. */
export function blockHtml(text: string, style: string): string {
  const paragraphs = escapeHtml(text.replace(/\r\n?/g, '\n').trim())
    .replace(/\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*/g, '<strong>$1</strong>')
    .split(/\n\s*\n/);
  return paragraphs
    .map((p, i) => {
      const margin = i === paragraphs.length - 1 ? '0' : '0 0 14px';
      return `<p style="margin:${margin};${style}">${p.trim().replace(/\n/g, '<br />')}</p>`;
    })
    .join('');
}
