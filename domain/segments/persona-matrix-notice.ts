import type { Fault } from '../shared/errors';

/** What the people of the matrix are told; `changes` are the lines of the diff. */
export type MatrixNotice =
  | {
      readonly kind: 'proposed' | 'approved' | 'rejected';
      readonly version: number;
      readonly author: string;
      readonly note: string | null;
      /** Who decided, and what they said of it; null while nobody has. */
      readonly decidedBy: string | null;
      readonly decisionNote: string | null;
      readonly changes: readonly string[];
    }
  | {
      readonly kind: 'refused';
      readonly commit: string;
      readonly author: string;
      readonly faults: readonly Fault[];
    }
  | { readonly kind: 'review'; readonly version: number; readonly since: Date };

/** Lines of a list before the rest is only counted: a Slack message that long is still read. */
const MOST_LINES = 12;

export function matrixNoticeWords(notice: MatrixNotice): string {
  switch (notice.kind) {
    case 'proposed':
      return lines(
        `Persona matrix: ${notice.author} proposes version ${notice.version}. It is used once somebody else approves it (POST /v1/persona-matrix/versions/${notice.version}/approve).`,
        notice.note,
        notice.changes,
      );
    case 'approved':
      return lines(
        `Persona matrix: version ${notice.version} by ${notice.author} is in use, approved by ${notice.decidedBy ?? 'somebody'}. Campaigns started from now on take it.`,
        notice.decisionNote,
        notice.changes,
      );
    case 'rejected':
      return lines(
        `Persona matrix: version ${notice.version} by ${notice.author} was rejected by ${notice.decidedBy ?? 'somebody'}.`,
        notice.decisionNote,
        [],
      );
    case 'refused':
      return lines(
        `Persona matrix: what ${notice.author} committed (${notice.commit.slice(0, 10)}) cannot be used.`,
        null,
        notice.faults.map(({ path, message }) => `${path}: ${message}`),
      );
    case 'review':
      return `Persona matrix: the weekly review. Version ${notice.version} was last changed or confirmed on ${notice.since.toISOString().slice(0, 10)}. Propose a change, or confirm it with POST /v1/persona-matrix/reviewed.`;
  }
}

function lines(head: string, note: string | null, list: readonly string[]): string {
  const shown = list.slice(0, MOST_LINES).map((line) => `• ${line}`);
  const rest = list.length - shown.length;
  return [
    head,
    ...(note === null ? [] : [`“${note}”`]),
    ...shown,
    ...(rest > 0 ? [`… and ${rest} more`] : []),
  ].join('\n');
}
