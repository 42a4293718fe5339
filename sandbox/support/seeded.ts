import { createHash } from 'node:crypto';

/** A number in [0, 1) that only depends on its arguments: 48 bits of their SHA-256. */
export const seededUnit = (...parts: readonly (string | number)[]): number =>
  createHash('sha256').update(parts.join('\u001f')).digest().readUIntBE(0, 6) / 2 ** 48;

/** A stream of numbers in [0, 1) from one seed (mulberry32: small, fast, the same on every machine). */
export interface SeededStream {
  next(): number;
  /** A whole number in [from, to]. */
  between(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of a list that is not empty, each as likely. */
  pick<T>(list: readonly T[]): T;
  /** One of a list of [value, weight]. */
  weighted<T>(list: readonly (readonly [T, number])[]): T;
}

export function seededStream(seed: string): SeededStream {
  let state = createHash('sha256').update(seed).digest().readUInt32BE(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const stream: SeededStream = {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    chance: (probability) => next() < probability,
    pick(list) {
      const found = list[Math.floor(next() * list.length)];
      if (found === undefined) throw new RangeError('nothing to pick from');
      return found;
    },
    weighted(list) {
      return chooser(list)(next());
    },
  };
  return stream;
}

/** Chooses from [value, weight] pairs: the one that a number in [0, 1) falls on. */
export function chooser<T>(list: readonly (readonly [T, number])[]): (unit: number) => T {
  const total = list.reduce((sum, [, weight]) => sum + weight, 0);
  const last = list.at(-1);
  if (last === undefined) throw new RangeError('nothing to pick from');
  return (unit) => {
    let left = unit * total;
    for (const [value, weight] of list) {
      left -= weight;
      if (left < 0) return value;
    }
    return last[0];
  };
}
