import { BoucleError } from '../domain/shared/errors';
import type { Sql } from './db';

/** A test that was run elsewhere: its numbers, and how they were read. */
export interface StoredTest {
  readonly key: string;
  readonly name: string;
  readonly hypothesis: string;
  /** The test it repeats. */
  readonly replicates: string | null;
  readonly body: unknown;
  readonly result: unknown;
  /** Of the code that read them. */
  readonly revision: string;
  readonly importedBy: string;
  readonly importedAt: Date;
}

export function createFinishedTestsStore(sql: Sql) {
  const columns = sql`key, name, hypothesis, replicates, body, result, revision, imported_by as "importedBy", imported_at as "importedAt"`;
  return {
    /** Throws conflict where the key is taken. The test it repeats is there: the route has looked, and tests stay. */
    async add(test: Omit<StoredTest, 'importedAt'>): Promise<void> {
      const { count } = await sql`
        insert into finished_tests (key, name, hypothesis, replicates, body, result, revision, imported_by)
        values (${test.key}, ${test.name}, ${test.hypothesis}, ${test.replicates}, ${JSON.stringify(test.body)}::text::jsonb,
          ${JSON.stringify(test.result)}::text::jsonb, ${test.revision}, ${test.importedBy})
        on conflict (key) do nothing`;
      if (count === 0)
        throw new BoucleError('conflict', 'A test with this key is here already; a test is never read over.');
    },

    async get(key: string): Promise<StoredTest | null> {
      const [row] = await sql<StoredTest[]>`select ${columns} from finished_tests where key = ${key}`;
      return row ?? null;
    },

    /** The latest first; `before`: only those imported earlier than this one. */
    async list(limit: number, before: string | null): Promise<StoredTest[]> {
      return sql<StoredTest[]>`
        select ${columns} from finished_tests t
        where ${before}::text is null or (imported_at, key) < (select imported_at, key from finished_tests where key = ${before})
        order by imported_at desc, key desc limit ${limit}`;
    },
  };
}

export type FinishedTestsStore = ReturnType<typeof createFinishedTestsStore>;
