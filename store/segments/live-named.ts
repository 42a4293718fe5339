import type { Tx } from '../db';

/**
 * Those of these keys that are live segments. None of them can be retired before the transaction ends: whoever retires one
 * waits, and then finds what was written to name it.
 */
export async function liveSegmentsHeld(tx: Tx, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx<{ key: string }[]>`
    select key from live_segments where key = any(${[...keys]}::text[]) order by key for key share`;
  return new Set(rows.map(({ key }) => key));
}
