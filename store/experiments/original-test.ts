import type { OriginalTest } from '../../domain/experiments/replication';
import type { Sql } from '../db';

/** A test that was read, by the campaign's id or by the key of one that was run elsewhere; null: there is none. */
export async function originalTest(sql: Sql, key: string): Promise<OriginalTest | null> {
  const [row] = await sql<OriginalTest[]>`
    select key, name, result -> 'evaluation' as evaluation from finished_tests where key = ${key}
    union all
    (select c.id, c.scenario ->> 'name', e.result
    from campaigns c join evaluations e on e.campaign_id = c.id where c.id = ${key} order by e.look desc limit 1)`;
  return row ?? null;
}
