import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { startPostgres } from '../../stack/postgres';
import { isRunning, markOf, stopProcess, type ProcessMark } from '../../stack/processes';
import { migrate } from '../../store/migrate';

/** One PostgreSQL per jest run, started by the first test that asks, shared by the workers through a folder. */
export const RUN_DIR_KEY = 'BOUCLE_TEST_RUN_DIR';
export const TEMPLATE = 'boucle_template';
const PREFIX = 'boucle-test-';

export interface TestServer {
  /** Of the maintenance database. */
  readonly adminUrl: string;
  readonly server: ProcessMark;
}

const stateFile = (dir: string): string => join(dir, 'server.json');

function readState(dir: string): TestServer | { failed: string } | undefined {
  try {
    return JSON.parse(readFileSync(stateFile(dir), 'utf8'));
  } catch {
    return undefined;
  }
}

function writeState(dir: string, state: TestServer | { failed: string }): void {
  writeFileSync(`${stateFile(dir)}.half`, JSON.stringify(state));
  renameSync(`${stateFile(dir)}.half`, stateFile(dir));
}

export const withDatabase = (url: string, database: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
};

async function start(dir: string): Promise<TestServer> {
  const running = await startPostgres({
    dataDir: join(dir, 'postgres'),
    port: 0,
    // A test's database need not outlive a power cut.
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      autovacuum_naptime: '10s',
      max_connections: '300',
    },
  });
  const adminUrl = withDatabase(running.url, 'postgres');
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(`create database ${TEMPLATE}`);
  await sql.end();
  await migrate(withDatabase(adminUrl, TEMPLATE));
  const server = markOf(running.pid);
  if (!server) throw new Error('the test server ended at once');
  return { adminUrl, server };
}

/** The run's server: whoever comes first makes the folder `lock` and starts it, the others wait. */
export async function testServer(): Promise<TestServer> {
  const dir = process.env[RUN_DIR_KEY];
  if (!dir) throw new Error(`${RUN_DIR_KEY} is not set: run the tests through jest.config.js`);
  try {
    mkdirSync(join(dir, 'lock'));
  } catch {
    for (;;) {
      const state = readState(dir);
      if (state && 'failed' in state) throw new Error(state.failed);
      if (state) return state;
      await sleep(50);
    }
  }
  try {
    const state = await start(dir);
    writeState(dir, state);
    return state;
  } catch (fault) {
    writeState(dir, { failed: `the test database did not start: ${String(fault)}` });
    throw fault;
  }
}

async function end(dir: string): Promise<void> {
  const state = readState(dir);
  if (state && 'server' in state) await stopProcess(state.server, 'SIGQUIT', 5_000);
  rmSync(dir, { recursive: true, force: true });
}

/** Makes the run's folder, after clearing what killed runs left. */
export async function openRun(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((n) => n.startsWith(PREFIX))) {
    const dir = join(tmpdir(), name);
    try {
      const jest: ProcessMark = JSON.parse(readFileSync(join(dir, 'jest.json'), 'utf8'));
      if (!isRunning(jest)) await end(dir);
    } catch {
      // Not ours, or being made this very moment.
    }
  }
  const dir = mkdtempSync(join(tmpdir(), PREFIX));
  // As root PostgreSQL runs as another user, who has to pass through.
  chmodSync(dir, 0o755);
  writeFileSync(join(dir, 'jest.json'), JSON.stringify(markOf(process.pid)));
  process.env[RUN_DIR_KEY] = dir;
}

export async function closeRun(): Promise<void> {
  const dir = process.env[RUN_DIR_KEY];
  if (dir && existsSync(dir)) await end(dir);
}
