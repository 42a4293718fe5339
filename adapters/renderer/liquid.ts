import { Liquid } from 'liquidjs';

/** The three texts of a creative, Liquid in them or filled in. */
export interface Fillable {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** What a creative's Liquid may name. */
export interface LiquidScope {
  readonly person: Readonly<Record<string, string | null>>;
  readonly message: Readonly<Record<string, string | null>>;
  readonly links: readonly (string | undefined)[];
  readonly unsubscribeUrl: string;
  readonly pixelUrl: string | null;
}

const STRICT = {
  strictVariables: true,
  lenientIf: true,
  strictFilters: true,
  ownPropertyOnly: true,
} as const;
const plain = new Liquid(STRICT);
const escaped = new Liquid({ ...STRICT, outputEscape: 'escape' });

/** One line, whatever a name holds: a subject is a header. */
const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');

/** Parses a creative once. What it answers throws on a variable that is not there. */
export function parseCreative(creative: Fillable): (scope: LiquidScope) => Fillable {
  const subject = plain.parse(creative.subject);
  const html = escaped.parse(creative.html);
  const text = plain.parse(creative.text);
  return (scope) => ({
    subject: oneLine(plain.renderSync(subject, scope)),
    html: escaped.renderSync(html, scope),
    text: plain.renderSync(text, scope),
  });
}
