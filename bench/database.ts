import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { startPostgres } from '../stack/postgres';
import { connect, type Db } from '../store/db';
import { migrate } from '../store/migrate';

export interface BenchDatabase {
  /** As its owner: for a process of the bench's own. */
  readonly url: string;
  /** Of the server, whose children do its work. */
  readonly pid: number;
  readonly db: Db;
  /** As the owner of everything, for what the application's roles may not: truncate, checkpoint, analyze. */
  readonly owner: postgres.Sql<{ bigint: number }>;
  close(): Promise<void>;
}

/**
 * A PostgreSQL of the bench's own, as durable as a real one (fsync on), with no other load on it; it is thrown away at the
 * end. Autovacuum is off: it would start in the middle of whichever side happens to be running.
 */
export async function benchDatabase(): Promise<BenchDatabase> {
  const dir = mkdtempSync(join(tmpdir(), 'boucle-bench-'));
  chmodSync(dir, 0o755);
  const server = await startPostgres({
    dataDir: join(dir, 'postgres'),
    port: 0,
    settings: { autovacuum: 'off', max_wal_size: '8GB', checkpoint_timeout: '1h', shared_buffers: '512MB' },
  });
  await migrate(server.url);
  const db = connect(server.url, 4);
  const owner = postgres(server.url, {
    max: 1,
    onnotice: () => {},
    connection: { search_path: 'boucle' },
    types: { bigint: bigint },
  });
  return {
    url: server.url,
    pid: server.pid,
    db,
    owner,
    close: async () => {
      await db.close();
      await owner.end({ timeout: 5 });
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const bigint = {
  to: 20,
  from: [20],
  serialize: (value: number) => String(value),
  parse: (value: string) => Number(value),
};
