import { z } from 'zod';
import { reportAnswer, testLogAnswer, type CampaignAnswer } from './answers';
import type { ApiClient } from './api-client';
import { historyOf } from './history';
import { shortcomings, summaryOf, type DemoSummary, type DemoUrls, type ImportCounts } from './summary';
import { percent, thousands, type Teller } from './teller';

export interface ReportContext {
  readonly imported: ImportCounts;
  readonly urls: DemoUrls;
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly knowledgeDir: string;
  /** Whether there is something left to look at. */
  readonly staysUp: boolean;
  readonly teller: Teller;
}

/** Reads what the campaign has come to, says it, and judges whether the demonstration is a success. */
export async function reportOn(
  api: ApiClient,
  campaign: CampaignAnswer,
  { imported, urls, temporal, knowledgeDir, staysUp, teller }: ReportContext,
): Promise<{ summary: DemoSummary; problems: string[] }> {
  const path = `/v1/campaigns/${campaign.id}/report`;
  const data = await api.patiently({ path, answer: reportAnswer });
  const markdown = await api.patiently({ path, accept: 'text/markdown', answer: z.string() });
  const { items: testLog } = await api.patiently({ path: '/v1/test-log', answer: testLogAnswer });
  const entry = testLog.find((e) => e.campaignId === campaign.id);
  const history = await historyOf(temporal, campaign.id, campaign.waves);
  const summary = summaryOf(campaign, data, { import: imported, history, urls });
  const written = { report: data.end !== null && markdown !== '', testLog: entry !== undefined };

  teller.head(
    `The campaign ended: ${campaign.end ?? 'not yet'}${campaign.endReason && !data.experiment ? ` (${campaign.endReason})` : ''}`,
  );
  const { experiment, deliveries, backlog } = data;
  if (experiment) {
    teller.say(`  ${experiment.metric} by arm:`);
    for (const { arm, n, events, rate } of experiment.arms) {
      teller.say(
        `    ${arm.padEnd(12)} ${thousands(events).padStart(7)} of ${thousands(n).padStart(7)}  ${percent(rate).padStart(8)}`,
      );
    }
    for (const { arm, difference, ci, pAdjusted } of experiment.comparisons) {
      const points = (share: number): string => `${share >= 0 ? '+' : ''}${(share * 100).toFixed(2)}`;
      teller.say(
        `    ${arm.padEnd(12)} ${points(difference)} points against the reference, interval ${points(ci[0])} to ${points(ci[1])}, p ${pAdjusted < 1e-4 ? pAdjusted.toExponential(1) : pAdjusted.toFixed(4)}`,
      );
    }
    const { action, arm, reasons } = experiment.decision;
    teller.say(`  Decision: ${action}${arm === null ? '' : ` ${arm}`}. ${reasons.join(' ')}`);
  }
  const { planned, accepted, failed, skipped, uncertain } = deliveries;
  teller.say(
    `  Messages: ${thousands(planned)} planned = ${thousands(accepted)} accepted + ${thousands(failed)} failed + ${thousands(skipped)} skipped + ${thousands(uncertain)} uncertain.`,
  );
  for (const { state, reason, count } of deliveries.reasons)
    teller.say(`    ${state}: ${reason}, ${thousands(count)}`);
  if (backlog.length > 0) {
    teller.say('  For the improvement backlog:');
    for (const item of backlog) {
      teller.say(
        `    ${item.title} (revenue ${item.revenuePotential}, difficulty ${item.difficulty}, statistics ${item.statisticalFeasibility}: priority ${item.priority.toFixed(2)})`,
      );
    }
  }
  if (entry) {
    teller.say(`  For the test log: ${entry.insight}`);
    teller.say(`  Next: ${entry.nextStep}`);
  }
  const excerpt = excerptOf(markdown);
  if (excerpt.length > 0) {
    teller.head('From the report');
    for (const line of excerpt) teller.say(`  ${line}`);
  }
  teller.head('Where to look');
  if (staysUp) {
    teller.say(`  campaign      ${urls.campaign}`);
    teller.say(`  Temporal UI   ${urls.temporal}`);
    teller.say(`  API docs      ${urls.apiDocs}`);
    teller.say(`  mail sink     ${urls.mailSink}`);
    teller.say(`  Slack         ${urls.slack}`);
  }
  teller.say(`  test log and backlog in ${knowledgeDir}`);
  return { summary, problems: shortcomings(summary, written) };
}

const EXCERPT_LINES = 14;

/** The first paragraphs of the text, whole ones: half a table says nothing. */
function excerptOf(markdown: string): string[] {
  const excerpt: string[] = [];
  for (const paragraph of markdown.split(/\n\s*\n/)) {
    const lines = paragraph.split('\n').filter((line) => line.trim() !== '');
    if (excerpt.length + lines.length > EXCERPT_LINES) break;
    excerpt.push(...lines);
  }
  return excerpt;
}
