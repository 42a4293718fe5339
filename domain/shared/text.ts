import { z } from 'zod';

/**
 * Controls that turn, hide or break what a reader sees: C0 and C1 but tab and line breaks, line and paragraph
 * separators, and the embeddings, overrides and isolates of bidirectional text (U+202E shows `gpj.exe` as `exe.jpg`).
 * The plain marks U+200E and U+200F stay: Arabic and Hebrew need them.
 */
export const STRAY_CONTROL = /(?![\t\n\r])\p{Cc}|[\u2028-\u202e\u2066-\u2069]/u;

/** Text PostgreSQL can hold: a NUL or a lone surrogate in a parameter is an error there, not a value. */
export const STORABLE = /^[^\u0000\p{Cs}]*$/u;

export const storableText = (max: number): z.ZodString =>
  z.string().max(max).regex(STORABLE, 'holds a NUL or a lone surrogate');

/** By code point, as `collate "C"` does on UTF-8; JavaScript's `<` goes by UTF-16 unit and differs past U+D7FF. */
export function compareText(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
