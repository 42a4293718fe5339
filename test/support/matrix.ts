import { readPersonaMatrix } from '../../domain/segments/persona-matrix';
import type { Sql } from '../../store/db';
import { createPersonaMatrixStore, type PersonaMatrix } from '../../store/persona-matrix-store';

/** The offers a matrix names. */
export async function putOffersOf(sql: Sql, csv: string): Promise<void> {
  for (const code of new Set(readPersonaMatrix(csv).lines.map(({ row }) => row.offer_code)))
    await sql`
      insert into offers (code, definition, updated_by)
      values (${code}, ${JSON.stringify({ name: code })}::text::jsonb, 'test') on conflict do nothing`;
}

/** A matrix in use: its offers are there, Anne proposes it, Paul approves it. */
export async function putMatrix(sql: Sql, csv: string): Promise<PersonaMatrix> {
  await putOffersOf(sql, csv);
  const matrix = createPersonaMatrixStore(sql);
  const { version, state } = await matrix.propose(csv, 'anne');
  if (state === 'proposed') return matrix.approve(version, 'paul');
  const found = await matrix.get(version);
  if (found === null) throw new Error('a version just written is there');
  return found;
}
