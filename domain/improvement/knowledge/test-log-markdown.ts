import { blocks, inline } from '../report/markdown';
import type { TestLogEntry } from '../test-log-entry';

export interface TestLogRow extends TestLogEntry {
  /** null: the test was run elsewhere. */
  readonly campaignId: string | null;
  /** Of a test that was run elsewhere. */
  readonly testKey: string | null;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** crm-test-log.md, in the order given. The same rows give the same bytes. */
export function testLogMarkdown(rows: readonly TestLogRow[]): string {
  const text = blocks(
    '# CRM test log',
    'Written from the database after each campaign, with the tests that were run elsewhere, the latest first; edits made here are overwritten.',
    ...(rows.length === 0 ? ['Nothing yet.'] : rows.map(entry)),
  );
  return `${text}\n`;
}

const whence = ({ campaignId, testKey }: TestLogRow): string =>
  campaignId === null ? `run elsewhere, \`${testKey ?? ''}\`` : `\`${campaignId}\``;

const entry = (row: TestLogRow): string =>
  blocks(
    `## ${row.createdAt.slice(0, 10)} · ${inline(row.name)} (${whence(row)})`,
    `**Context.** ${inline(row.context)}`,
    `**Hypothesis.** ${inline(row.hypothesis)}`,
    `**Implementation.** ${inline(row.implementation)}`,
    `**Result.** ${inline(row.result)}`,
    `**Insight.** ${inline(row.insight)}`,
    `**Next step.** ${inline(row.nextStep)}`,
  );
