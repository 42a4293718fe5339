import type { KnowledgeFiles } from '../ports';
import { backlogMarkdown, type BacklogRow } from './backlog-markdown';
import { testLogMarkdown, type TestLogRow } from './test-log-markdown';

/** Its name in the knowledge folder. */
export const MATRIX_FILE = 'persona_matrix.csv';

/** What the knowledge folder is made from. */
export interface Knowledge {
  readonly backlog: readonly BacklogRow[];
  readonly testLog: readonly TestLogRow[];
  /** CSV of the version in use, as it was written; null before there is one. */
  readonly personaMatrix: string | null;
}

export const knowledgeFiles = ({ backlog, testLog, personaMatrix }: Knowledge): KnowledgeFiles => ({
  'improvement-backlog.md': backlogMarkdown(backlog),
  'crm-test-log.md': testLogMarkdown(testLog),
  ...(personaMatrix === null ? {} : { [MATRIX_FILE]: personaMatrix }),
});
