import postgres from 'postgres';
import { BoucleError } from '../domain/shared/errors';
import type { Sql, Tx } from './db';

/** Room for the sorts and hash tables of a report over millions of rows before they spill to disk. */
const WORK_MEM = '128MB';

const CANCELLED = '57014';

/**
 * One reading of the database at one moment, with room: for reports. Throws `report-too-long` where one of its statements
 * takes longer than `statementSeconds`; left out, it takes what it takes.
 */
export const reading = <T>(sql: Sql, work: (tx: Tx) => Promise<T>, statementSeconds = 0) =>
  sql
    .begin('isolation level repeatable read read only', async (tx) => {
      await tx`
        select set_config('work_mem', ${WORK_MEM}, true), set_config('statement_timeout', ${`${statementSeconds}s`}, true)`;
      return work(tx);
    })
    .catch((fault: unknown) => {
      if (fault instanceof postgres.PostgresError && fault.code === CANCELLED && statementSeconds > 0)
        throw new BoucleError(
          'report-too-long',
          `It takes the database longer than ${statementSeconds} seconds to answer.`,
        );
      throw fault;
    });
