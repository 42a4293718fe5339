import type { End } from '../../shared/words';
import type { Rule } from './rule';

/** What an end before its time asks for; null: the campaign ran its course. */
const NEXT: Record<End, { readonly title: string; readonly difficulty: number } | null> = {
  completed: null,
  'no-winner': null,
  rejected: { title: 'Take up the approver’s objection and hand in a new version', difficulty: 2 },
  stopped: {
    title: 'Find out why it had to be stopped before anything like it is sent again',
    difficulty: 3,
  },
  aborted: {
    title: 'Decide whether to start it again, with what made somebody abort it put right',
    difficulty: 2,
  },
  expired: { title: 'Agree with the approvers on who decides, and until when', difficulty: 1 },
  failed: { title: 'Repair what made the campaign fail, and start it again', difficulty: 3 },
};

export const endedEarly: Rule = ({ report }) => {
  const next = report.end === null ? null : NEXT[report.end];
  if (next === null) return [];
  const people = report.audience?.members ?? 0;
  return [
    {
      key: report.end ?? 'open',
      title: next.title,
      why: `The campaign ended ${report.end} and ${people - report.deliveries.accepted} of ${people} people got nothing. ${reasonOf(report)}`.trim(),
      revenuePotential: people >= 10_000 ? 4 : 3,
      difficulty: next.difficulty,
      statisticalFeasibility: 3,
    },
  ];
};

/** Who rejected is nobody's business in the backlog; why is. */
function reasonOf({ end, endReason, approvals }: Parameters<Rule>[0]['report']): string {
  if (end !== 'rejected') return endReason ?? '';
  return approvals.flatMap((a) => a.decisions).find((d) => d.decision === 'reject' && d.reason)?.reason ?? '';
}
