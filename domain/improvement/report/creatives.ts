import type { CampaignFacts } from '../facts';
import { blocks, bullets, table } from './markdown';

/** Creatives, what QA found, and who decided. */
export function creativesSection({ report: { creatives, approvals } }: CampaignFacts): string {
  const { rendered, rejected, findings, bySeverity, byCheck } = creatives;
  const decisions = approvals.flatMap((approval) =>
    approval.decisions.map(
      (d) =>
        `${d.decision} by ${d.by} through ${d.via}, ${d.at}${d.outcome === 'counted' ? '' : ` (not counted: ${d.outcome})`}`,
    ),
  );
  return blocks(
    '## Creatives and approval',
    `${rendered} rendered, ${rejected} rejected by QA, ${findings} findings: ${bySeverity.blocking} blocking, ${bySeverity.warning} warnings, ${bySeverity.info} notes.`,
    byCheck.length > 0
      ? table(
          ['Check', 'Severity', 'Findings'],
          byCheck.map((c) => [`\`${c.check}\``, c.severity, c.count]),
        )
      : null,
    decisions.length > 0
      ? bullets(decisions)
      : approvals.length > 0
        ? 'Nobody decided.'
        : 'No approval was asked for.',
  );
}
