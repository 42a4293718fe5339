import { BoucleError } from '../domain/shared/errors';

type Expected = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

const BLANK = /[ \t\n\r]*/y;
const TOKEN =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true|false|null|[{}[\],:]/y;

/**
 * A body that JSON.parse refused, with the line and column (from 1) where it stops being JSON (RFC 8259). The parser's own
 * words are not told: they repeat a piece of the body.
 */
export function notJson(text: string): BoucleError {
  const at = firstFault(text);
  if (at === null) {
    return new BoucleError('invalid-request', 'The body is not JSON.', [
      { path: '/', message: 'holds a name that is not taken' },
    ]);
  }
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = at - before.lastIndexOf('\n');
  const message =
    at === text.length
      ? `ends too early, at line ${line}, column ${column}`
      : `is not JSON from line ${line}, column ${column}`;
  return new BoucleError('invalid-request', 'The body is not JSON.', [{ path: '/', message }]);
}

/** Index of the first character that JSON cannot have there; the length, where the text ends too early; null: it is JSON. */
export function firstFault(text: string): number | null {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  for (let at = 0; ;) {
    at = endOf(BLANK, text, at) ?? at;
    if (at === text.length) return expected === 'nothing' ? null : at;
    const end = endOf(TOKEN, text, at);
    if (end === null) return at;
    const next = after(text.charAt(at), expected, open);
    if (next === null) return at;
    expected = next;
    at = end;
  }
}

function endOf(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

/** What may follow a token, told by its first character; null: it may not stand there. */
function after(first: string, expected: Expected, open: ('{' | '[')[]): Expected | null {
  const within = (): Expected => (open.length === 0 ? 'nothing' : 'comma-or-end');
  const takesValue = expected === 'value' || expected === 'value-or-end';
  switch (first) {
    case '{':
    case '[':
      if (!takesValue) return null;
      open.push(first);
      return first === '{' ? 'key-or-end' : 'value-or-end';
    case '}':
    case ']': {
      const empty = first === '}' ? 'key-or-end' : 'value-or-end';
      if (expected !== empty && expected !== 'comma-or-end') return null;
      if (open.pop() !== (first === '}' ? '{' : '[')) return null;
      return within();
    }
    case ',':
      if (expected !== 'comma-or-end') return null;
      return open.at(-1) === '{' ? 'key' : 'value';
    case ':':
      return expected === 'colon' ? 'value' : null;
    case '"':
      if (expected === 'key' || expected === 'key-or-end') return 'colon';
      return takesValue ? within() : null;
    default:
      return takesValue ? within() : null;
  }
}
