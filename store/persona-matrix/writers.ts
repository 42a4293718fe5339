import { matrixDiff, shareChange } from '../../domain/segments/persona-matrix-diff';
import type { Tx } from '../db';
import { matrixInUse } from './in-use';
import { matrixRows } from './read';

/**
 * Names of everybody who wrote some of what a version would change: its author, those of earlier versions that wait or were
 * rejected and make a change it makes too, and those of commits behind them. A commit with faults left no rows to compare:
 * whose it was counts as a writer of what came next, until the next decision, after which the file is written anew.
 */
export async function writersOf(tx: Tx, version: number): Promise<string[]> {
  const [current] = await tx<{ version: number | null }[]>`select ${matrixInUse(tx)} as version`;
  const base = current?.version ?? 0;
  const before = await matrixRows(tx, base);
  const changes = matrixDiff(before, await matrixRows(tx, version));
  const earlier = await tx<{ version: number }[]>`
    select version from persona_matrix_versions where version > ${base} and version < ${version}`;
  const sources = [version];
  for (const one of earlier)
    if (shareChange(changes, matrixDiff(before, await matrixRows(tx, one.version))))
      sources.push(one.version);
  const writers = await tx<{ name: string }[]>`
    select created_by as name from persona_matrix_versions where version = any(${sources}::int[])
    union
    select author from persona_matrix_commits where version = any(${sources}::int[])
    union
    select c.author from persona_matrix_commits c, persona_matrix_versions v
    where v.version = ${version} and c.version is null and c.seen_at <= v.created_at and c.seen_at > coalesce(
      (select max(d.decided_at) from persona_matrix_versions d where d.decided_at < v.created_at), '-infinity')`;
  return writers.map(({ name }) => name);
}
