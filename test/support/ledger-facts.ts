import type { Db } from '../../store/db';

/** Deliveries that wait, by what for. */
export async function waitingBy(db: Db): Promise<Record<string, number>> {
  const rows = await db.app<{ reason: string; n: number }[]>`
    select reason, count(*) as n from deliveries where state = 'planned' group by reason`;
  return Object.fromEntries(rows.map((row) => [row.reason, row.n]));
}
