import type { CampaignAnswer, ImportAnswer, ReportAnswer } from './answers';
import type { HistorySize } from './history';

export interface DemoUrls {
  readonly campaign: string;
  readonly report: string;
  readonly temporal: string;
  readonly apiDocs: string;
  readonly mailSink: string;
  readonly slack: string;
}

export interface ImportCounts {
  readonly rows: number;
  readonly created: number;
  readonly merged: number;
  readonly rejected: number;
}

/** Lines without news are about somebody known already, too: rows = created + merged + rejected. */
export const importCounts = ({ rows, created, merged, unchanged, rejected }: ImportAnswer): ImportCounts => ({
  rows,
  created,
  merged: merged + unchanged,
  rejected,
});

/** What `--json` writes. */
export function summaryOf(
  campaign: CampaignAnswer,
  report: ReportAnswer,
  more: { readonly import: ImportCounts; readonly history: HistorySize; readonly urls: DemoUrls },
) {
  const { audience, deliveries } = report;
  const { planned, accepted, failed, skipped, uncertain } = deliveries;
  return {
    campaignId: campaign.id,
    workflowId: campaign.workflowId,
    end: campaign.end,
    stages: campaign.stages.map(({ name, startedAt, endedAt, outcome }) => ({
      name,
      startedAt,
      endedAt,
      outcome,
    })),
    import: more.import,
    audience: audience && {
      matched: audience.matched,
      excluded: audience.excluded,
      holdout: audience.holdout,
      arms: audience.arms,
      pilot: audience.parts.pilot,
    },
    creatives: {
      rendered: report.creatives.rendered,
      rejected: report.creatives.rejected,
      findings: report.creatives.findings,
    },
    approvals: report.approvals,
    deliveries: { planned, accepted, failed, skipped, uncertain },
    experiment: report.experiment,
    incidents: report.incidents,
    backlog: report.backlog,
    history: more.history,
    urls: more.urls,
  };
}
export type DemoSummary = ReturnType<typeof summaryOf>;

/** Why the demonstration is no success; empty: it is one. */
export function shortcomings(
  summary: DemoSummary,
  written: { readonly report: boolean; readonly testLog: boolean },
): string[] {
  const { end, deliveries, backlog } = summary;
  const problems: string[] = [];
  if (end !== 'completed' && end !== 'no-winner') problems.push(`the campaign ended ${end ?? 'not at all'}`);
  if (!written.report) problems.push('there is no report');
  if (!written.testLog) problems.push('there is no test-log entry');
  if (backlog.length === 0) problems.push('no backlog item was written');
  const sum = deliveries.accepted + deliveries.failed + deliveries.skipped + deliveries.uncertain;
  if (deliveries.planned !== sum)
    problems.push(`the deliveries do not add up: ${deliveries.planned} planned, ${sum} settled`);
  return problems;
}
