import { namesOf } from '../activities/failure';
import { slackRefusal } from '../adapters/slack/slack-messenger';
import type { Messenger } from '../domain/approvals/ports';
import { knowledgeFiles, MATRIX_FILE } from '../domain/improvement/knowledge/files';
import type { KnowledgeBase } from '../domain/improvement/ports';
import { matrixNoticeWords } from '../domain/segments/persona-matrix-notice';
import { lastReviewAt } from '../domain/segments/persona-matrix-review';
import type { ImprovementStore } from '../store/improvement-store';
import type { DueNotice, MatrixDuties } from '../store/persona-matrix/duties';

export interface MatrixDutiesDeps {
  readonly duties: MatrixDuties;
  readonly knowledge: KnowledgeBase;
  readonly improvement: Pick<ImprovementStore, 'publishing'>;
  readonly messenger: Pick<Messenger, 'postNote'>;
  readonly log: { warn(fields: object, message: string): void };
}

/**
 * One round of what goes on around the persona matrix by itself. Any number of workers may do it: a commit is taken in
 * once, a notice told by one of them, the folder written under its lock. One part that fails holds up no other.
 */
export async function doMatrixDuties(deps: MatrixDutiesDeps, now: Date): Promise<void> {
  const parts = [takeInCommits, publishDecision, tellAll, (d: MatrixDutiesDeps) => remind(d, now)];
  for (const part of parts)
    await part(deps).catch((error: unknown) =>
      deps.log.warn({ err: namesOf(error).name }, 'a duty of the persona matrix failed; it is tried again'),
    );
}

/**
 * What somebody committed to the file waits for approval as if they had sent it. In the order it was committed, each by
 * itself: the text of one goes into the next, and whose it is must be known.
 */
async function takeInCommits({ duties, knowledge }: MatrixDutiesDeps): Promise<void> {
  for (const change of await knowledge.changes(MATRIX_FILE, await duties.seen())) await duties.takeIn(change);
}

/** The folder holds the version in use: after an approval the new one, after a rejection the one that stays. */
async function publishDecision({ duties, knowledge, improvement, log }: MatrixDutiesDeps): Promise<void> {
  const decided = await duties.unpublished();
  if (decided === null) return;
  const { version, author, state, decidedBy } = decided;
  const { notCommitted } = await improvement.publishing((known) =>
    knowledge.publish(
      knowledgeFiles(known),
      `Persona matrix version ${version} by ${author}, ${state} by ${decidedBy}`,
    ),
  );
  if (notCommitted !== null)
    log.warn({ version, why: notCommitted }, 'knowledge folder written, not committed');
  await duties.published(version);
}

async function tellAll(deps: MatrixDutiesDeps): Promise<void> {
  for (let due = await deps.duties.takeNotice(); due !== null; due = await deps.duties.takeNotice())
    await tell(deps, due);
}

async function remind(deps: MatrixDutiesDeps, now: Date): Promise<void> {
  const due = await deps.duties.takeReview(lastReviewAt(now));
  if (due !== null) await tell(deps, due);
}

/** A worker that dies between posting and noting it posts twice. */
async function tell({ messenger, log }: MatrixDutiesDeps, { notice, told }: DueNotice): Promise<void> {
  try {
    await messenger.postNote(matrixNoticeWords(notice));
  } catch (error) {
    const slackError = slackRefusal(error);
    if (slackError === null) throw error;
    log.warn({ kind: notice.kind, slackError }, 'slack refused a notice of the persona matrix');
  }
  await told();
}
