import type { CampaignFacts } from '../facts';
import type { ReportBacklogItem } from '../report-data';
import { audienceSection } from './audience';
import { creativesSection } from './creatives';
import { deliveriesSection } from './deliveries';
import { experimentSection } from './experiment';
import { blocks, inline, table } from './markdown';
import { triedSection } from './tried';

/** The whole report of a campaign as Markdown, for the people who ordered it. */
export function renderReport(facts: CampaignFacts, backlog: readonly ReportBacklogItem[]): string {
  const { report } = facts;
  const end = report.end === null ? `still running (${report.stages.at(-1)?.name ?? 'define'})` : report.end;
  const header = blocks(
    `# ${inline(report.scenario.name)}`,
    `Campaign \`${report.campaignId}\` of scenario \`${report.scenario.key}\` version ${report.scenario.version}, market ${report.scenario.market}, owner ${inline(report.scenario.owner)}.`,
    `**End: ${end}.** ${inline(report.endReason ?? '')}`.trim(),
  );
  const text = blocks(
    header,
    triedSection(facts),
    audienceSection(facts),
    creativesSection(facts),
    deliveriesSection(facts),
    experimentSection(facts),
    nextSection(backlog),
    stagesSection(facts),
  );
  return `${text}\n`;
}

function nextSection(backlog: readonly ReportBacklogItem[]): string {
  if (backlog.length === 0) return blocks('## What next', 'Written when the campaign has ended.');
  return blocks(
    '## What next',
    'Priority = revenue potential × statistical feasibility ÷ difficulty, each factor from 1 to 5.',
    table(
      ['Priority', 'What', 'Why', 'Revenue', 'Difficulty', 'Feasibility'],
      backlog.map((item) => [
        item.priority,
        inline(item.title),
        inline(item.why),
        item.revenuePotential,
        item.difficulty,
        item.statisticalFeasibility,
      ]),
    ),
  );
}

function stagesSection({ report }: CampaignFacts): string {
  return blocks(
    '## Stages',
    table(
      ['Stage', 'Started', 'Ended', 'Outcome'],
      // The report is written inside the last stage, which is not over then.
      report.stages
        .filter((s) => s.endedAt !== null || report.end === null)
        .map((s) => [s.name, s.startedAt, s.endedAt ?? '–', s.outcome ?? 'running']),
    ),
  );
}
