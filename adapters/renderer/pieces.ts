import { parseContent, type Piece } from '../../domain/creatives/language';

/** What stands behind the fixed variables of a text. */
export interface FixedValues {
  readonly 'offer.code': string;
  readonly 'persona.keyMessage': string;
  readonly 'brand.name': string;
}

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** Braces that mean nothing to the language are shown as they are, and QA blocks them: never left for Liquid to read. */
const rawLiquid = (text: string): string => (/\{\{|\{%/.test(text) ? text.replace(/\{(?=[{%])/g, "{{ '{' }}") : text);

const liquid = (piece: Piece): string => {
  switch (piece.kind) {
    case 'person': {
      const quote = piece.fallback?.includes('"') ? "'" : '"';
      return piece.fallback === null
        ? `{{ person.${piece.name} }}`
        : `{{ person.${piece.name} | default: ${quote}${piece.fallback}${quote} }}`;
    }
    case 'if':
      return `{% if person.${piece.name} %}`;
    case 'else':
      return '{% else %}';
    case 'endif':
      return '{% endif %}';
    default:
      return '';
  }
};

/** An editor's text as Liquid for a plain-text field: subject, preheader, text part. */
export function toPlainLiquid(source: string, fixed: FixedValues): string {
  return parseContent(source)
    .map((piece) => {
      if (piece.kind === 'text') return rawLiquid(piece.text);
      return piece.kind === 'fixed' ? rawLiquid(fixed[piece.name]) : liquid(piece);
    })
    .join('');
}

/** An editor's text as Liquid for HTML: everything but the variables is escaped; lines become breaks. */
export function toHtmlLiquid(source: string, fixed: FixedValues): string {
  return parseContent(source)
    .map((piece) => {
      if (piece.kind === 'text') return htmlText(piece.text);
      return piece.kind === 'fixed' ? htmlText(fixed[piece.name]) : liquid(piece);
    })
    .join('');
}

const htmlText = (text: string): string => rawLiquid(escapeHtml(text)).replace(/\r?\n/g, '<br />');
