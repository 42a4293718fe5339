import type { Scenario } from '../../domain/campaigns/scenario';
import type { Evaluation } from '../../domain/experiments/evaluation';
import { experimentSummary } from '../../domain/experiments/summary';
import type {
  CampaignReport,
  ReportApproval,
  ReportBacklogItem,
  ReportCreatives,
  ReportStage,
} from '../../domain/improvement/report-data';
import type { End, Stage } from '../../domain/shared/words';
import { audienceCounts } from '../audience-counts';
import type { Sql } from '../db';
import { readDeliveries } from './deliveries';

interface CampaignHead {
  readonly workflowId: string;
  readonly scenarioVersion: number;
  readonly scenario: Scenario;
  readonly end: End | null;
  readonly endReason: string | null;
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** The report as the database has it at this moment; null for a campaign that is not there. Reads only. */
export async function readCampaignReport(sql: Sql, campaignId: string): Promise<CampaignReport | null> {
  const [head] = await sql<CampaignHead[]>`
    select workflow_id as "workflowId", scenario_version as "scenarioVersion", scenario, "end", end_reason as "endReason",
      created_at as "createdAt", ended_at as "endedAt"
    from campaigns where id = ${campaignId}`;
  if (head === undefined) return null;
  const [stages, audience, creatives, approvals, deliveries, evaluation, incidents, backlog] =
    await Promise.all([
      stagesOf(sql, campaignId),
      audienceCounts(sql, campaignId),
      creativesOf(sql, campaignId),
      approvalsOf(sql, campaignId),
      readDeliveries(sql, campaignId),
      latestEvaluation(sql, campaignId),
      sql<{ n: number }[]>`select count(*) as n from incidents where campaign_id = ${campaignId}`,
      backlogOf(sql, campaignId),
    ]);
  const { scenario } = head;
  return {
    campaignId,
    workflowId: head.workflowId,
    scenario: {
      key: scenario.key,
      version: head.scenarioVersion,
      name: scenario.name,
      owner: scenario.owner,
      market: scenario.market,
      objective: scenario.objective,
      hypothesis: scenario.hypothesis,
      northStar: scenario.northStar,
      primaryMetric: scenario.primaryMetric,
    },
    end: head.end,
    endReason: head.endReason,
    createdAt: head.createdAt.toISOString(),
    endedAt: iso(head.endedAt),
    stages,
    audience: audience === null ? null : { ...audience, pilot: audience.parts.pilot },
    creatives,
    approvals,
    deliveries,
    experiment: evaluation === null ? null : experimentSummary(evaluation),
    incidents: incidents[0]?.n ?? 0,
    backlog,
  };
}

async function stagesOf(sql: Sql, campaignId: string): Promise<ReportStage[]> {
  const rows = await sql<{ name: Stage; startedAt: Date; endedAt: Date | null; outcome: string | null }[]>`
    select stage as name, started_at as "startedAt", ended_at as "endedAt", outcome from campaign_stages
    where campaign_id = ${campaignId} order by started_at, stage`;
  return rows.map((row) => ({ ...row, startedAt: row.startedAt.toISOString(), endedAt: iso(row.endedAt) }));
}

async function creativesOf(sql: Sql, campaignId: string): Promise<ReportCreatives> {
  const latest = sql`
    select distinct on (step, persona, arm, channel, locale) id, status from creatives
    where campaign_id = ${campaignId} order by step, persona, arm, channel, locale, revision desc`;
  const [counts, byCheck] = await Promise.all([
    sql<{ rendered: number; rejected: number }[]>`
      select count(*) as rendered, count(*) filter (where status = 'reject') as rejected from (${latest}) c`,
    sql<{ check: string; severity: string; count: number }[]>`
      select f."check", f.severity, count(*) as count from (${latest}) c join findings f on f.creative_id = c.id
      group by 1, 2 order by 3 desc, 1, 2`,
  ]);
  const of = (severity: string): number =>
    byCheck.filter((row) => row.severity === severity).reduce((sum, row) => sum + row.count, 0);
  return {
    rendered: counts[0]?.rendered ?? 0,
    rejected: counts[0]?.rejected ?? 0,
    findings: byCheck.reduce((sum, row) => sum + row.count, 0),
    bySeverity: { blocking: of('blocking'), warning: of('warning'), info: of('info') },
    byCheck: [...byCheck],
  };
}

async function approvalsOf(sql: Sql, campaignId: string): Promise<ReportApproval[]> {
  const [approvals, decisions] = await Promise.all([
    sql<{ approvalId: string; state: ReportApproval['state']; requestedAt: Date; deadlineAt: Date }[]>`
      select id as "approvalId", state, requested_at as "requestedAt", deadline_at as "deadlineAt" from approvals
      where campaign_id = ${campaignId} order by requested_at, id`,
    sql<(Omit<ReportApproval['decisions'][number], 'at'> & { approvalId: string; at: Date })[]>`
      select d.approval_id as "approvalId", d.id as "decisionId", d.decision, d.by, d.via, d.outcome, d.reason, d.at
      from decisions d join approvals a on a.id = d.approval_id where a.campaign_id = ${campaignId} order by d.at, d.id`,
  ]);
  return approvals.map((approval) => ({
    ...approval,
    requestedAt: approval.requestedAt.toISOString(),
    deadlineAt: approval.deadlineAt.toISOString(),
    decisions: decisions
      .filter((d) => d.approvalId === approval.approvalId)
      .map(({ approvalId: _, at, ...decision }) => ({ ...decision, at: at.toISOString() })),
  }));
}

export async function latestEvaluation(sql: Sql, campaignId: string): Promise<Evaluation | null> {
  const [row] = await sql<{ result: Evaluation }[]>`
    select result from evaluations where campaign_id = ${campaignId} order by look desc limit 1`;
  return row?.result ?? null;
}

async function backlogOf(sql: Sql, campaignId: string): Promise<ReportBacklogItem[]> {
  return sql<ReportBacklogItem[]>`
    select id, title, why, revenue_potential as "revenuePotential", difficulty,
      statistical_feasibility as "statisticalFeasibility", priority::float8 as priority
    from backlog_items where campaign_id = ${campaignId} order by backlog_items.priority desc, id`;
}
