import { parseContent, type Piece } from '../../domain/creatives/language';

/** What stands behind the fixed variables of a text. */
export interface FixedValues {
  readonly 'offer.code': string;
  readonly 'persona.keyMessage': string;
  readonly 'brand.name': string;
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

/** An editor's text with every variable as a mark, nothing escaped yet. */
export const marked = (source: string, fixed: FixedValues, marks: Marks): string =>
  parseContent(source)
    .map((piece) => {
      if (piece.kind === 'text') return literal(piece.text, marks);
      return piece.kind === 'fixed' ? literal(fixed[piece.name], marks) : mark(marks, liquidOf(piece));
    })
    .join('');

function liquidOf(piece: Exclude<Piece, { kind: 'text' | 'fixed' }>): string {
  switch (piece.kind) {
    case 'person':
      return personLiquid(piece.name, piece.fallback);
    case 'if':
      return `{% if person.${piece.name} %}`;
    case 'else':
      return '{% else %}';
    case 'endif':
      return '{% endif %}';
  }
}

/** The language's quotes hold no braces, and a text with one kind of quote is written in the other. */
function personLiquid(name: string, fallback: string | null): string {
  if (fallback === null) return `{{ person.${name} }}`;
  const quote = fallback.includes('"') ? "'" : '"';
  return `{{ person.${name} | default: ${quote}${fallback.replace(PRIVATE, '')}${quote} }}`;
}

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
