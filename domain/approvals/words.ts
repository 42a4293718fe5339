import type { DecisionAnswer } from './decision';

/** How an approval stands and who decided last. */
export interface ApprovalStanding {
  readonly state: 'waiting' | 'approved' | 'rejected' | 'expired' | 'void';
  readonly by: string | null;
}

/** What became of a click: the workflow's answer, `kept` while no worker could answer, or why it never got there. */
export type ClickOutcome = DecisionAnswer | 'kept' | 'not-approver' | 'campaign-ended';

/** One sentence for the person who clicked; where nothing changed it says so. */
export function clickWords(
  decision: 'approve' | 'reject',
  outcome: ClickOutcome,
  standing: ApprovalStanding | null,
): string {
  if (outcome === 'not-approver') {
    return 'You are not among the approvers, so your click changed nothing. Ask an admin to link your Slack account to an approver key.';
  }
  if (outcome === 'campaign-ended') return unchanged(closing(standing) ?? 'This campaign has ended.');
  if (outcome === 'kept') return 'Your decision is kept; it takes effect as soon as a worker is up again.';
  if (outcome.outcome === 'refused') {
    const late = outcome.refusal === 'approval-not-waiting' || outcome.refusal === 'approval-decided';
    return unchanged((late ? closing(standing) : null) ?? outcome.words);
  }
  if (decision === 'reject') return 'Your rejection counts: the campaign ends and nobody is written to.';
  if (outcome.missing === 0) return 'Your approval counts: the campaign goes on.';
  return `Your approval counts; ${outcome.missing} more ${outcome.missing === 1 ? 'person is' : 'people are'} needed.`;
}

const unchanged = (words: string): string => `${words} Your click changed nothing.`;

function closing(standing: ApprovalStanding | null): string | null {
  switch (standing?.state) {
    case 'approved':
    case 'rejected':
      return `Already ${standing.state}${standing.by === null ? '' : ` by ${standing.by}`}.`;
    case 'expired':
      return 'Too late: the deadline has passed.';
    case 'void':
      return 'What you were shown was replaced by a newer version; look at that one.';
    case 'waiting':
    case undefined:
      return null;
  }
}
