import type { Sql, Tx } from './db';

/** Room for the sorts and hash tables of a report over millions of rows before they spill to disk. */
const WORK_MEM = '128MB';

/** One reading of the database at one moment, with room: for reports. */
export const reading = <T>(sql: Sql, work: (tx: Tx) => Promise<T>) =>
  sql.begin('isolation level repeatable read read only', async (tx) => {
    await tx`select set_config('work_mem', ${WORK_MEM}, true)`;
    return work(tx);
  });
