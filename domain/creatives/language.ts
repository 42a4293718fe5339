import { isPersonVariable, type PersonVariableName } from './variables';

/**
 * The little language an editor may use in a text: a small, safe part of Liquid.
 *   {{ person.firstName | default: "à vous" }}        the person's own, with its fallback
 *   {% if person.firstName %}…{% else %}…{% endif %}  words around it; not nested
 *   {{ offer.code }}  {{ persona.keyMessage }}  {{ brand.name }}   known when the creative is made
 *   {{ message.orderNumber }}                         asked for with a triggered message; the scenario declares it
 *   {{ link }}                                        where the message leads, for words without a button
 * Anything else stays text, braces and all, and QA blocks it.
 */
export const FIXED_VARIABLES = ['offer.code', 'persona.keyMessage', 'brand.name'] as const;
export type FixedVariable = (typeof FIXED_VARIABLES)[number];

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'person'; readonly name: PersonVariableName; readonly fallback: string | null }
  | { readonly kind: 'fixed'; readonly name: FixedVariable }
  /** `fallback` null: the one the scenario declares. */
  | { readonly kind: 'message'; readonly name: string; readonly fallback: string | null }
  | { readonly kind: 'link' }
  | { readonly kind: 'if'; readonly name: PersonVariableName }
  | { readonly kind: 'else' }
  | { readonly kind: 'endif' };

const TAG =
  /\{\{\s*([\w.]+)\s*(?:\|\s*default:\s*(?:"([^"{}]*)"|'([^'{}]*)')\s*)?\}\}|\{%\s*(?:if\s+person\.(\w+)|(else)|(endif))\s*%\}/g;

const NONE: ReadonlySet<string> = new Set();

/**
 * Cuts a text into its pieces. Never throws: what it does not know is text. `declared`: names the scenario has behind
 * `message.`.
 */
export function parseContent(source: string, declared: ReadonlySet<string> = NONE): readonly Piece[] {
  const pieces: Piece[] = [];
  const text = (piece: string): void => {
    if (piece !== '') pieces.push({ kind: 'text', text: piece });
  };
  let at = 0;
  for (const match of source.matchAll(TAG)) {
    text(source.slice(at, match.index));
    at = match.index + match[0].length;
    const piece = known(match, declared);
    if (piece) pieces.push(piece);
    else text(match[0]);
  }
  text(source.slice(at));
  return balanced(pieces) ? pieces : pieces.map(asText);
}

function known(match: RegExpMatchArray, declared: ReadonlySet<string>): Piece | null {
  const [, variable, doubleQuoted, singleQuoted, condition, otherwise] = match;
  if (condition !== undefined) return isPersonVariable(condition) ? { kind: 'if', name: condition } : null;
  if (variable === undefined) return { kind: otherwise === undefined ? 'endif' : 'else' };
  const fallback = doubleQuoted ?? singleQuoted ?? null;
  const fixed = FIXED_VARIABLES.find((name) => name === variable);
  if (fixed !== undefined) return { kind: 'fixed', name: fixed };
  if (variable === 'link') return { kind: 'link' };
  const [of, name = '', ...rest] = variable.split('.');
  if (rest.length > 0) return null;
  if (of === 'message') return declared.has(name) ? { kind: 'message', name, fallback } : null;
  return of === 'person' && isPersonVariable(name) ? { kind: 'person', name, fallback } : null;
}

function balanced(pieces: readonly Piece[]): boolean {
  let open: 'no' | 'if' | 'else' = 'no';
  for (const { kind } of pieces) {
    if (kind === 'if' && open !== 'no') return false;
    if (kind === 'else' && open !== 'if') return false;
    if (kind === 'endif' && open === 'no') return false;
    if (kind === 'if' || kind === 'else') open = kind;
    if (kind === 'endif') open = 'no';
  }
  return open === 'no';
}

const asText = (piece: Piece): Piece => {
  switch (piece.kind) {
    case 'if':
      return { kind: 'text', text: `{% if person.${piece.name} %}` };
    case 'else':
    case 'endif':
      return { kind: 'text', text: `{% ${piece.kind} %}` };
    default:
      return piece;
  }
};

export interface VariableUse {
  readonly name: PersonVariableName;
  readonly hasFallback: boolean;
}

/** Where the person's variables stand, and whether each can do without a value. */
export function variableUses(pieces: readonly Piece[]): readonly VariableUse[] {
  const uses: VariableUse[] = [];
  let sure: PersonVariableName | null = null;
  for (const piece of pieces) {
    if (piece.kind === 'if') sure = piece.name;
    if (piece.kind === 'else' || piece.kind === 'endif') sure = null;
    if (piece.kind === 'person')
      uses.push({ name: piece.name, hasFallback: piece.fallback !== null || piece.name === sure });
  }
  return uses;
}

/** What it uses of the brand's and the persona's. */
export const fixedUses = (pieces: readonly Piece[]): readonly FixedVariable[] =>
  pieces.flatMap((piece) => (piece.kind === 'fixed' ? [piece.name] : []));

const MESSAGE_VARIABLE = /\{\{\s*message\.(\w+)/g;

/** Names a text uses behind `message.`, declared or not. */
export const messageVariables = (source: string): readonly string[] =>
  [...source.matchAll(MESSAGE_VARIABLE)].map(([, name = '']) => name);

/** The variable of the message that a whole address stands for, as `{{ message.confirmUrl }}`; null: it is none. */
export const ownAddress = (url: string): string | null =>
  /^\{\{ ?message\.(\w*Url) ?\}\}$/.exec(url)?.[1] ?? null;

/** Whether a text has anything in it that stands for something else. */
export const hasVariables = (source: string): boolean => /\{\{|\{%/.test(source);
