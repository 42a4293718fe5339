import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { connect, type Db } from '../../store/db';
import { TEMPLATE, testServer, withDatabase } from './test-server';

export interface FreshDatabase {
  readonly url: string;
  readonly db: Db;
  /** Ends the pools and drops the database. Throws when somebody else still holds a connection to it. */
  close(): Promise<void>;
}

const LEAK_PATIENCE_MS = 2_000;

/** Those still connected once they had time to leave: a backend ends a moment after its client. */
async function stillConnected(admin: postgres.Sql, database: string): Promise<string[]> {
  const until = Date.now() + LEAK_PATIENCE_MS;
  for (;;) {
    const rows = await admin<{ who: string }[]>`
      select concat_ws(' · ', application_name, state, left(query, 80)) as who
      from pg_stat_activity where datname = ${database} and backend_type = 'client backend'`;
    if (rows.length === 0 || Date.now() > until) return rows.map((r) => r.who);
    await sleep(30);
  }
}

/** A migrated, empty database of its own, copied from the run's template (some 50 ms). */
export async function freshDatabase(connections = 10): Promise<FreshDatabase> {
  const { adminUrl } = await testServer();
  const name = `t_${randomBytes(8).toString('hex')}`;
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${name} template ${TEMPLATE}`);
  const url = withDatabase(adminUrl, name);
  const db = connect(url, connections);
  return {
    url,
    db,
    close: async () => {
      try {
        await db.close();
        const leaked = await stillConnected(admin, name);
        await admin.unsafe(`drop database ${name} with (force)`);
        if (leaked.length > 0) throw new Error(`connections leaked:\n${leaked.join('\n')}`);
      } finally {
        await admin.end({ timeout: 5 });
      }
    },
  };
}

/** A fresh database for each test of a file; to be read within a test alone. */
export function databaseForEach(connections?: number): Pick<FreshDatabase, 'url' | 'db'> {
  let current: FreshDatabase | undefined;
  const now = (): FreshDatabase => {
    if (current === undefined) throw new Error('no test is running');
    return current;
  };
  beforeEach(async () => {
    current = await freshDatabase(connections);
  });
  afterEach(() => now().close());
  return {
    get url() {
      return now().url;
    },
    get db() {
      return now().db;
    },
  };
}
