import type { Sql } from './db';

/** Imports that have not ended, as whoever looks after them needs them. Works on the app pool. */
export interface OpenImportsStore {
  /** Ids of imports whose file is in and that are not through with it, oldest first. */
  open(): Promise<string[]>;
  /**
   * Ends one of them: state failed, and the staged bytes, personal data that serve nothing, deleted. One that has ended
   * stays as it is. `error` is words without values. Answers whether it was open.
   */
  fail(importId: string, error: string): Promise<boolean>;
  /** Ends uploads of which nothing has come for so long: whoever took them in is gone. Answers how many. */
  failCutOff(idleSeconds: number): Promise<number>;
}

export function createOpenImportsStore(sql: Sql): OpenImportsStore {
  return {
    open: async () =>
      (
        await sql<{ id: string }[]>`
          select id from imports where state in ('queued', 'running') order by created_at, id`
      ).map(({ id }) => id),

    fail: async (importId, error) => {
      const failed = await sql`
        with failed as (
          update imports set state = 'failed', error = ${error}, finished_at = now()
          where id = ${importId} and state in ('queued', 'running') returning id
        ),
        dropped as (delete from import_chunks c using failed f where c.import_id = f.id),
        waiting as (delete from import_waiting w using failed f where w.import_id = f.id)
        select id from failed`;
      return failed.length > 0;
    },

    failCutOff: async (idleSeconds) => {
      const failed = await sql`
        with failed as (
          update imports i set state = 'failed', error = 'The file did not arrive whole.', finished_at = now()
          where i.state = 'receiving' and i.created_at < now() - make_interval(secs => ${idleSeconds})
            and not exists (
              select from import_chunks c
              where c.import_id = i.id and c.received_at >= now() - make_interval(secs => ${idleSeconds}))
          returning id
        ),
        dropped as (delete from import_chunks c using failed f where c.import_id = f.id)
        select id from failed`;
      return failed.length;
    },
  };
}
