import type { BacklogRow } from '../../domain/improvement/knowledge/backlog-markdown';
import type { Evaluation } from '../../domain/experiments/evaluation';
import type { TestLogRow } from '../../domain/improvement/knowledge/test-log-markdown';
import { finishedTestEntry } from '../../domain/improvement/test-log-entry';
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

type Dated<T> = Omit<T, 'createdAt'> & { readonly createdAt: Date };

/** Every entry, of campaigns and of tests that were run elsewhere, the latest first. */
export async function readTestLog(sql: Sql): Promise<TestLogRow[]> {
  const [ours, others] = [await campaignEntries(sql), await finishedTests(sql)];
  return [...ours, ...others]
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
    .map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

const finishedTests = async (sql: Sql): Promise<Dated<TestLogRow>[]> => {
  const rows = await sql<
    {
      key: string;
      name: string;
      hypothesis: string;
      replicates: string | null;
      evaluation: Evaluation;
      createdAt: Date;
    }[]
  >`
    select key, name, hypothesis, replicates, result -> 'evaluation' as evaluation, imported_at as "createdAt"
    from finished_tests order by imported_at desc, key`;
  return rows.map(({ key, name, createdAt, ...test }) => ({
    campaignId: null,
    testKey: key,
    name,
    createdAt,
    ...finishedTestEntry(test),
  }));
};

const campaignEntries = async (sql: Sql): Promise<Dated<TestLogRow>[]> => [
  ...(await sql<Dated<TestLogRow>[]>`
    select t.campaign_id as "campaignId", null as "testKey", c.scenario ->> 'name' as name, t.context, t.hypothesis, t.implementation, t.result,
      t.insight, t.next_step as "nextStep", t.created_at as "createdAt"
    from test_log_entries t join campaigns c on c.id = t.campaign_id order by t.created_at desc, t.campaign_id`),
];

/** The persona matrix in use, as it was written; null before there is one. */
export async function readPersonaMatrix(sql: Sql): Promise<string | null> {
  const [row] = await sql<
    { csv: string }[]
  >`select csv from persona_matrix_versions where version = ${matrixInUse(sql)}`;
  return row?.csv ?? null;
}
