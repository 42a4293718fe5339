import type { Mapping } from './mapping';

/**
 * Finds the people a file speaks of more than once, in 8 bytes a row: a Map of every key would hold a large file's text
 * alive. Keys are told apart by 52 bits; two that collide only make an import wait for a row it need not wait for.
 */
export class DuplicateFinder {
  private hashes = new Float64Array(1_024);
  private size = 0;

  add(key: string): void {
    if (this.size === this.hashes.length) {
      const larger = new Float64Array(this.size * 2);
      larger.set(this.hashes);
      this.hashes = larger;
    }
    this.hashes[this.size] = hashOf(key);
    this.size += 1;
  }

  /** How often each key occurs that occurs more than once, by its hash. */
  repeated(): Map<number, number> {
    const sorted = this.hashes.slice(0, this.size).sort();
    const counts = new Map<number, number>();
    for (let i = 1; i < sorted.length; i += 1) {
      const hash = sorted[i];
      if (hash !== undefined && hash === sorted[i - 1]) counts.set(hash, (counts.get(hash) ?? 1) + 1);
    }
    return counts;
  }
}

/** Two FNV-1a hashes over UTF-16 units, 26 bits of each. */
export function hashOf(key: string): number {
  let high = 0x811c9dc5;
  let low = 0xcbf29ce4;
  for (let i = 0; i < key.length; i += 1) {
    const unit = key.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ (unit + 0x9e37), 0x85ebca6b);
  }
  return (high >>> 6) * 2 ** 26 + (low >>> 6);
}

/** The first of a row's keys as it stands in the file, letter case apart; null for a row without any. */
export function rawKey(
  mapping: Mapping,
  header: readonly string[],
): (cells: readonly string[]) => string | null {
  const names = header.map((h) => h.trim());
  const columns = (['customerKey', 'email', 'phone'] as const).flatMap((to) => {
    const field = mapping.fields.find((f) => f.to === to);
    return field === undefined ? [] : [{ to, at: names.indexOf(field.column) }];
  });
  return (cells) => {
    for (const { to, at } of columns) {
      const cell = (cells[at] ?? '').trim();
      if (cell !== '') return `${to} ${cell.toLowerCase()}`;
    }
    return null;
  };
}
