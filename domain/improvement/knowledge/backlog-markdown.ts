import { blocks, inline, table } from '../report/markdown';
import type { ReportBacklogItem } from '../report-data';

export interface BacklogRow extends ReportBacklogItem {
  readonly campaignId: string | null;
  /** Name of the campaign's scenario. */
  readonly from: string | null;
  readonly state: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** improvement-backlog.md: open items, the highest priority first. The same rows give the same bytes. */
export function backlogMarkdown(rows: readonly BacklogRow[]): string {
  const open = rows.filter((row) => row.state === 'open');
  const text = blocks(
    '# Improvement backlog',
    'Written from the database after each campaign; edits made here are overwritten. Priority = revenue potential × statistical feasibility ÷ difficulty, each factor from 1 to 5.',
    open.length === 0
      ? 'Nothing yet.'
      : table(
          ['Priority', 'What', 'Why', 'Revenue', 'Difficulty', 'Feasibility', 'From', 'Since'],
          open.map((row) => [
            row.priority,
            inline(row.title),
            inline(row.why),
            row.revenuePotential,
            row.difficulty,
            row.statisticalFeasibility,
            row.campaignId === null ? '–' : `${inline(row.from ?? '')} (\`${row.campaignId}\`)`,
            row.createdAt.slice(0, 10),
          ]),
        ),
  );
  return `${text}\n`;
}
