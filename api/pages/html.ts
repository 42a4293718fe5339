/** Markup that is safe to send as it is. Made by `html` alone, so that text can never pass for it. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);

function render(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value.map(render).join('');
}

/**
 * A template whose values are escaped for text and for quoted attributes; nested templates and lists of them stay as
 * they are; null, undefined and false are nothing. Attributes must be quoted, and no value belongs in a script, a
 * style or an attribute that runs code.
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.reduce((text, part, i) => text + render(values[i - 1]) + part));
}

/** A link target that is http, https or a path of ours; anything else (javascript:, data:) leads nowhere. */
export const safeHref = (url: string): string => (/^(https?:\/\/|\/(?!\/))/i.test(url) ? url : '#');
