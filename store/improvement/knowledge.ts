import type { BacklogRow } from '../../domain/improvement/knowledge/backlog-markdown';
import type { TestLogRow } from '../../domain/improvement/knowledge/test-log-markdown';
import type { Sql } from '../db';
import { matrixInUse } from '../persona-matrix/in-use';

/** Every item, the highest priority first; the oldest first where they are level. */
export async function readBacklog(sql: Sql): Promise<BacklogRow[]> {
  const rows = await sql<(Omit<BacklogRow, 'createdAt'> & { createdAt: Date })[]>`
    select b.id, b.campaign_id as "campaignId", c.scenario ->> 'name' as "from", b.title, b.why,
      b.revenue_potential as "revenuePotential", b.difficulty, b.statistical_feasibility as "statisticalFeasibility",
      b.priority::float8 as priority, b.state, b.created_at as "createdAt"
    from backlog_items b left join campaigns c on c.id = b.campaign_id order by b.priority desc, b.created_at, b.id`;
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

/** Every entry, the latest first. */
export async function readTestLog(sql: Sql): Promise<TestLogRow[]> {
  const rows = await sql<(Omit<TestLogRow, 'createdAt'> & { createdAt: Date })[]>`
    select t.campaign_id as "campaignId", c.scenario ->> 'name' as name, t.context, t.hypothesis, t.implementation, t.result,
      t.insight, t.next_step as "nextStep", t.created_at as "createdAt"
    from test_log_entries t join campaigns c on c.id = t.campaign_id order by t.created_at desc, t.campaign_id`;
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

/** The persona matrix in use, as it was written; null before there is one. */
export async function readPersonaMatrix(sql: Sql): Promise<string | null> {
  const [row] = await sql<
    { csv: string }[]
  >`select csv from persona_matrix_versions where version = ${matrixInUse(sql)}`;
  return row?.csv ?? null;
}
