import { experimentSummary } from '../domain/experiments/summary';
import { backlogItems } from '../domain/improvement/backlog';
import type { CampaignFacts } from '../domain/improvement/facts';
import type { BacklogRow } from '../domain/improvement/knowledge/backlog-markdown';
import type { Knowledge } from '../domain/improvement/knowledge/files';
import type { TestLogRow } from '../domain/improvement/knowledge/test-log-markdown';
import { renderReport } from '../domain/improvement/report/render';
import type { CampaignReport, ExperimentSummary } from '../domain/improvement/report-data';
import type { TestLogEntry } from '../domain/improvement/test-log-entry';
import type { Sql } from './db';
import { readCampaignFacts } from './improvement/campaign-facts';
import { latestEvaluation, readCampaignReport } from './improvement/campaign-report';
import { readBacklog, readPersonaMatrix, readTestLog } from './improvement/knowledge';
import { LOCKS } from './locks';

export interface Learnt {
  readonly report: CampaignReport;
  readonly markdown: string;
  readonly entry: TestLogEntry;
}

/** What was learnt: report, test log and backlog, and the facts they are made from. */
export function createImprovementStore(sql: Sql) {
  return {
    facts: (campaignId: string): Promise<CampaignFacts | null> => readCampaignFacts(sql, campaignId),

    /** Writes report, entry and items together, once; a later call changes nothing. Answers how many items there are. */
    async writeLearnt(campaignId: string, { report, markdown, entry }: Learnt): Promise<number> {
      await sql.begin(async (tx) => {
        const { count } = await tx`
          insert into reports (campaign_id, markdown, data)
          values (${campaignId}, ${markdown}, ${JSON.stringify(report)}::text::jsonb)
          on conflict (campaign_id) do nothing`;
        if (count === 0) return;
        await tx`
          insert into test_log_entries (campaign_id, context, hypothesis, implementation, result, insight, next_step)
          values (${campaignId}, ${entry.context}, ${entry.hypothesis}, ${entry.implementation}, ${entry.result},
            ${entry.insight}, ${entry.nextStep})`;
        for (const item of report.backlog) {
          await tx`
            insert into backlog_items (id, campaign_id, title, why, revenue_potential, difficulty, statistical_feasibility, priority)
            values (${item.id}, ${campaignId}, ${item.title}, ${item.why}, ${item.revenuePotential}, ${item.difficulty},
              ${item.statisticalFeasibility}, ${item.priority})`;
        }
      });
      const [row] = await sql<
        { n: number }[]
      >`select count(*) as n from backlog_items where campaign_id = ${campaignId}`;
      return row?.n ?? 0;
    },

    /**
     * For the API. `data` is the state of this moment; `markdown` is what was written at the end, and before that
     * made from what there is. null for a campaign that is not there.
     */
    async report(campaignId: string): Promise<{ data: CampaignReport; markdown: string } | null> {
      const data = await readCampaignReport(sql, campaignId);
      if (data === null) return null;
      const [stored] = await sql<
        { markdown: string }[]
      >`select markdown from reports where campaign_id = ${campaignId}`;
      if (stored) return { data, markdown: stored.markdown };
      const facts = await readCampaignFacts(sql, campaignId);
      return facts === null
        ? null
        : { data, markdown: renderReport(facts, data.end === null ? [] : backlogItems(facts)) };
    },

    /** The `experiment` part of the report; null before the test is evaluated. */
    async experimentSummary(campaignId: string): Promise<ExperimentSummary | null> {
      const evaluation = await latestEvaluation(sql, campaignId);
      return evaluation === null ? null : experimentSummary(evaluation);
    },

    backlog: (): Promise<BacklogRow[]> => readBacklog(sql),
    testLog: (): Promise<TestLogRow[]> => readTestLog(sql),

    /**
     * Hands everything the knowledge folder holds to `write`, to one writer at a time whatever the number of workers,
     * so that the last one to write has the latest. Lock and reads share one connection: writers that wait can never
     * keep the pool from the one whose turn it is.
     */
    async publishing<T>(write: (knowledge: Knowledge) => Promise<T>): Promise<T> {
      const connection = await sql.reserve();
      try {
        await connection`select pg_advisory_lock(${LOCKS.knowledge})`;
        try {
          const backlog = await readBacklog(connection);
          const testLog = await readTestLog(connection);
          return await write({ backlog, testLog, personaMatrix: await readPersonaMatrix(connection) });
        } finally {
          await connection`select pg_advisory_unlock(${LOCKS.knowledge})`;
        }
      } finally {
        connection.release();
      }
    },
  };
}

export type ImprovementStore = ReturnType<typeof createImprovementStore>;
