import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import type { Life } from './keep-running';
import { newLogFile } from './log-file';
import { freePort } from './ports';
import { postgresBinaries } from './postgres-binaries';
import { openPostgresFolder, SUPERUSER, type PostgresFolder } from './postgres-folder';
import { commandOf, endOf, isRunning, markOf, processesIn, stopProcess, type ProcessMark } from './processes';
import { postgresUser, type UnprivilegedUser } from './unprivileged-user';

export interface PostgresOptions {
  /** Folder of the database; made when missing. */
  readonly dataDir: string;
  /** Port wanted; the next free one when it is taken. Default 5432. */
  readonly port?: number;
  /** No other port will do: clients know this one. */
  readonly fixedPort?: boolean;
  /** Words for a person, one line each. */
  readonly log?: (line: string) => void;
  /** Server settings (postgresql.conf names) over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Its stop is orderly: open connections are closed, everything is on disk. */
export interface RunningPostgres extends Life {
  /** Of the database `boucle`, as a superuser. */
  readonly url: string;
  readonly port: number;
}

/** Kept beside the data: who runs this server, for whoever comes next. */
interface ServerRecord {
  readonly server: ProcessMark;
  readonly owner: ProcessMark;
}

const STOP_GRACE_MS = 20_000;
const ORPHAN_GRACE_MS = 2_000;
const START_PATIENCE_MS = 60_000;
const RECORD = 'server.json';

function recordOf(home: string): ServerRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(home, RECORD), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The postmaster of this very folder, if postmaster.pid names one that runs. */
function postmasterOf(folder: PostgresFolder): ProcessMark | undefined {
  let first = '';
  try {
    first = readFileSync(join(folder.data, 'postmaster.pid'), 'utf8').split('\n')[0] ?? '';
  } catch {
    return undefined;
  }
  const mark = markOf(Number(first));
  return mark && commandOf(mark.pid).includes(folder.data) ? mark : undefined;
}

/**
 * Ends the sessions of a postmaster that was killed. One in the midst of a statement goes on to its end, with nobody
 * to hear the answer, and PostgreSQL starts no other server before it is gone. Where a server runs, nothing is done.
 */
async function endOrphans(folder: PostgresFolder, log: (line: string) => void): Promise<void> {
  // One that is just ending has no command any more.
  const left = processesIn(folder.data)
    .map((mark) => ({ mark, command: commandOf(mark.pid) }))
    .filter(({ command }) => command !== '');
  if (left.length === 0 || !left.every(({ command }) => command.startsWith('postgres: '))) return;
  log(`A killed PostgreSQL left ${left.length} processes behind: ending them.`);
  await Promise.all(left.map(({ mark }) => stopProcess(mark, 'SIGQUIT', ORPHAN_GRACE_MS)));
}

async function clearEarlierRun(folder: PostgresFolder, log: (line: string) => void): Promise<void> {
  const earlier = postmasterOf(folder);
  if (earlier) {
    const owner = recordOf(folder.home)?.owner;
    if (owner && owner.pid !== process.pid && isRunning(owner)) {
      throw new Error(
        `postgres-already-running: process ${owner.pid} runs a database from ${folder.data}. Stop it, or use another BOUCLE_DATA_DIR.`,
      );
    }
    log(`An earlier run left its PostgreSQL running (pid ${earlier.pid}): stopping it.`);
    await stopProcess(earlier, 'SIGINT', STOP_GRACE_MS);
  } else {
    await endOrphans(folder, log);
  }
  // Nobody runs from here: a pid file left by a kill -9 or a power cut may name a stranger by now.
  rmSync(join(folder.data, 'postmaster.pid'), { force: true });
}

function launch(
  binary: string,
  folder: PostgresFolder,
  port: number,
  user: UnprivilegedUser | undefined,
  settings: Readonly<Record<string, string>>,
  logFile: string,
): ChildProcess {
  const flags = Object.entries({
    listen_addresses: '127.0.0.1',
    // No socket: its path may be too long for the system, and TCP on the loopback is all we use.
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    max_connections: '200',
    ...settings,
  }).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const out = openSync(logFile, 'w');
  try {
    return spawn(binary, ['-D', folder.data, '-p', String(port), ...flags], {
      ...user,
      cwd: folder.home,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      // A group of its own: Ctrl-C goes to us, and we stop it after those who use it.
      detached: true,
      stdio: ['ignore', out, out],
    });
  } finally {
    closeSync(out);
  }
}

const tailOf = (logFile: string): string => readFileSync(logFile, 'utf8').trim().slice(-1_500);

/** Resolves once it answers; 'ended' when the process died first. */
async function answers(child: ChildProcess, url: string): Promise<'ready' | 'ended'> {
  const until = Date.now() + START_PATIENCE_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) return 'ended';
    const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
    try {
      await sql`select 1`;
      return 'ready';
    } catch (fault) {
      if (Date.now() > until) throw fault;
    } finally {
      await sql.end({ timeout: 1 });
    }
    await sleep(40);
  }
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const [found] = await sql`select 1 from pg_database where datname = 'boucle'`;
    if (!found) await sql`create database boucle`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/**
 * Runs PostgreSQL from a folder of this machine, on the loopback alone. What an earlier run left behind is put in
 * order first; a live one is an error (`postgres-already-running`).
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const log = options.log ?? (() => {});
  const settings = options.settings ?? {};
  const user = postgresUser();
  const binaries = postgresBinaries(user);
  const folder = await openPostgresFolder(options.dataDir, binaries, user, {
    sync: settings['fsync'] !== 'off',
    log,
  });
  await clearEarlierRun(folder, log);
  const logFile = newLogFile(join(folder.home, 'postgres.log'));
  const until = Date.now() + START_PATIENCE_MS;
  for (;;) {
    const wanted = options.port ?? 5432;
    const port = options.fixedPort ? wanted : await freePort(wanted);
    if (wanted !== 0 && port !== wanted) log(`Port ${wanted} is taken: PostgreSQL takes ${port}.`);
    const urlOf = (database: string): string =>
      `postgres://${SUPERUSER}:${folder.password}@127.0.0.1:${port}/${database}`;
    const child = launch(binaries.postgres, folder, port, user, settings, logFile);
    const ended = endOf(child);
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    const outcome = await Promise.race([answers(child, urlOf('postgres')), failed]).catch(
      (fault: unknown) => {
        child.kill('SIGQUIT');
        throw fault;
      },
    );
    if (outcome === 'ended') {
      const words = tailOf(logFile);
      // Somebody took the port in between, or children of a killed server still hold its memory: both pass.
      const passes =
        /could not create any TCP|Address already in use|shared memory block .* still in use/.test(words);
      if (!passes || Date.now() > until) throw new Error(`postgres-start-failed: ${words}`);
      await sleep(300);
      continue;
    }
    child.unref();
    const server = child.pid === undefined ? undefined : markOf(child.pid);
    const owner = markOf(process.pid);
    if (!server || !owner) throw new Error(`postgres-start-failed: ${tailOf(logFile)}`);
    writeFileSync(join(folder.home, RECORD), JSON.stringify({ server, owner } satisfies ServerRecord), {
      mode: 0o600,
    });
    await ensureDatabase(urlOf('postgres'));
    return {
      url: urlOf('boucle'),
      port,
      pid: server.pid,
      logFile,
      ended,
      stop: async () => {
        await stopProcess(server, 'SIGINT', STOP_GRACE_MS);
        rmSync(join(folder.home, RECORD), { force: true });
      },
    };
  }
}
