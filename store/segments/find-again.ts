import { segmentsOf } from '../../domain/segments/resolve';
import type { Tx } from '../db';
import { ruleOf } from './live-rules';

/** Live segments that name one of these, through others too, are found again: their rules say something else now. */
export async function findReadersAgain(tx: Tx, keys: readonly string[]): Promise<void> {
  const rows = await tx<{ key: string; rule: unknown }[]>`
    select key, s.rule from live_segments l join segments s using (key, version)`;
  const names = rows.map((row) => {
    const { members, means } = segmentsOf(ruleOf(row.rule));
    return { key: row.key, named: [...members, ...means.map(({ segment }) => segment)] };
  });
  const moved = new Set(keys);
  for (let size = 0; size !== moved.size;) {
    size = moved.size;
    for (const one of names) if (one.named.some((other) => moved.has(other))) moved.add(one.key);
  }
  for (const key of keys) moved.delete(key);
  if (moved.size > 0)
    await tx`update live_segments set built_at = null where key = any(${[...moved]}::text[])`;
}
