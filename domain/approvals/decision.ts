/** One person's answer to one approval request, bound to the hash of exactly what they were shown. */
export interface Decision {
  /** Counts once, whichever door it came in by and however often. */
  readonly decisionId: string;
  readonly decision: 'approve' | 'reject';
  readonly by: string;
  readonly via: 'rest' | 'slack';
  readonly subjectHash: string;
  readonly reason?: string;
}

export type DecisionRefusal =
  'approval-not-waiting' | 'approval-stale' | 'approval-four-eyes' | 'approval-decided';

/** `counted` with what the whole approval stands at now, or why this decision changed nothing. */
export type DecisionAnswer =
  | {
      readonly outcome: 'counted';
      readonly state: 'waiting' | 'approved' | 'rejected';
      readonly missing: number;
    }
  | { readonly outcome: 'refused'; readonly refusal: DecisionRefusal; readonly words: string };

export interface ApprovalState {
  readonly authors: readonly string[];
  /** null: nothing is waiting for a decision. */
  readonly subjectHash: string | null;
  readonly required: number;
  readonly decisions: readonly Decision[];
}

/**
 * Judges a decision against what is waiting. Pure: the workflow's validator, its signal handler and the Slack
 * outbox all ask here, so that a click gets one and the same answer by every door.
 * One rejection rejects; approvals count once a person.
 */
export function judgeDecision(state: ApprovalState, decision: Decision): DecisionAnswer {
  const refuse = (refusal: DecisionRefusal, words: string): DecisionAnswer => ({
    outcome: 'refused',
    refusal,
    words,
  });
  const known = state.decisions.find((d) => d.decisionId === decision.decisionId);
  const counted = known ? state.decisions : [...state.decisions, decision];

  if (!known) {
    const closing = standingOf(state.required, state.decisions);
    if (closing.state !== 'waiting') {
      const by = state.decisions.at(-1)?.by ?? 'somebody else';
      return refuse('approval-decided', `Already ${closing.state} by ${by}.`);
    }
    if (state.subjectHash === null)
      return refuse('approval-not-waiting', 'Nothing is waiting for a decision.');
    if (decision.subjectHash !== state.subjectHash)
      return refuse('approval-stale', 'What you were shown has changed since; look at the new version.');
    if (state.authors.includes(decision.by))
      return refuse('approval-four-eyes', 'Whoever wrote or started it cannot decide about it.');
    if (state.decisions.some((d) => d.by === decision.by))
      return refuse('approval-decided', 'You have already decided; another person is needed.');
  }
  return { outcome: 'counted', ...standingOf(state.required, counted) };
}

/** Where an approval stands: one rejection rejects, `required` different people approve. */
export function standingOf(
  required: number,
  decisions: readonly Decision[],
): { state: 'waiting' | 'approved' | 'rejected'; missing: number } {
  if (decisions.some((d) => d.decision === 'reject')) return { state: 'rejected', missing: 0 };
  const missing = Math.max(0, required - new Set(decisions.map((d) => d.by)).size);
  return { state: missing === 0 ? 'approved' : 'waiting', missing };
}
