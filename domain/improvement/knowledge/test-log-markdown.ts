import { blocks, inline } from '../report/markdown';
import type { TestLogEntry } from '../test-log-entry';

export interface TestLogRow extends TestLogEntry {
  readonly campaignId: string;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** crm-test-log.md, in the order given. The same rows give the same bytes. */
export function testLogMarkdown(rows: readonly TestLogRow[]): string {
  const text = blocks(
    '# CRM test log',
    'Written from the database after each campaign, the latest first; edits made here are overwritten.',
    ...(rows.length === 0 ? ['Nothing yet.'] : rows.map(entry)),
  );
  return `${text}\n`;
}

const entry = (row: TestLogRow): string =>
  blocks(
    `## ${row.createdAt.slice(0, 10)} · ${inline(row.name)} (\`${row.campaignId}\`)`,
    `**Context.** ${inline(row.context)}`,
    `**Hypothesis.** ${inline(row.hypothesis)}`,
    `**Implementation.** ${inline(row.implementation)}`,
    `**Result.** ${inline(row.result)}`,
    `**Insight.** ${inline(row.insight)}`,
    `**Next step.** ${inline(row.nextStep)}`,
  );
