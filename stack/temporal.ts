import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Life } from './keep-running';
import { newLogFile } from './log-file';
import { freePort } from './ports';
import { commandOf, endOf, isRunning, markOf, stopProcess, type ProcessMark } from './processes';
import { findTemporal } from './temporal-binaries';
import { prepareNamespace } from './temporal-namespace';
import type { Log } from './tools';

export interface TemporalOptions {
  /** Folder of the server's database; made when missing. */
  readonly dataDir: string;
  /** Folder programs may be kept in when the home folder is closed. Default: dataDir. */
  readonly toolsDir?: string;
  /** Ports wanted; the next free ones when they are taken. Default 7233 and 8233. */
  readonly port?: number;
  readonly uiPort?: number;
  /** No other ports will do: clients know these. */
  readonly fixedPorts?: boolean;
  readonly log?: Log;
}

export interface RunningTemporal extends Life {
  /** host:port of the frontend. */
  readonly address: string;
  readonly uiUrl: string;
  readonly port: number;
  readonly uiPort: number;
}

interface ServerRecord {
  readonly server: ProcessMark;
  readonly owner: ProcessMark;
}

const STOP_GRACE_MS = 10_000;
const START_PATIENCE_MS = 60_000;

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function clearEarlierRun(dir: string, log: Log): Promise<void> {
  const record = readJson<ServerRecord>(join(dir, 'server.json'));
  if (!record || !isRunning(record.server) || !commandOf(record.server.pid).includes(dir)) return;
  if (record.owner.pid !== process.pid && isRunning(record.owner)) {
    throw new Error(
      `temporal-already-running: process ${record.owner.pid} runs a server from ${dir}. Stop it, or use another BOUCLE_DATA_DIR.`,
    );
  }
  log(`An earlier run left its Temporal running (pid ${record.server.pid}): stopping it.`);
  await stopProcess(record.server, 'SIGTERM', STOP_GRACE_MS);
}

/**
 * The server makes its tables only when the file is missing, and never carries a file over versions. One that was
 * never used to the end of a start, or by another version, is moved aside: the truth is in PostgreSQL, and campaigns
 * are recovered from there.
 */
function openDatabaseFile(dir: string, version: string, log: Log): string {
  const file = join(dir, 'temporal.db');
  const made = readJson<{ version: string }>(join(dir, 'made.json'));
  if (existsSync(file) && made?.version !== version) {
    const aside = `.${made ? made.version : 'half-written'}.${new Date().toISOString().replaceAll(':', '-')}`;
    for (const part of ['', '-wal', '-shm']) {
      if (existsSync(file + part)) renameSync(file + part, file + aside + part);
    }
    log(
      made
        ? `Temporal's store was made by ${made.version}, this is ${version}: moved to ${file}${aside}, starting with an empty one.`
        : `Temporal's store was left half-written by an earlier run: moved to ${file}${aside}, starting with an empty one.`,
    );
  }
  return file;
}

function launch(
  binary: string,
  dir: string,
  file: string,
  port: number,
  uiPort: number,
  logFile: string,
): ChildProcess {
  const out = openSync(logFile, 'w');
  const args = [
    'server',
    'start-dev',
    '--ip=127.0.0.1',
    `--port=${port}`,
    `--ui-port=${uiPort}`,
    `--db-filename=${file}`,
    // Two to three times faster than the default, and still safe against a killed process.
    '--sqlite-pragma=journal_mode=WAL',
    '--sqlite-pragma=synchronous=NORMAL',
    '--log-level=warn',
  ];
  try {
    return spawn(binary, args, { cwd: dir, detached: true, stdio: ['ignore', out, out] });
  } finally {
    closeSync(out);
  }
}

const tailOf = (logFile: string): string => readFileSync(logFile, 'utf8').trim().slice(-1_500);

/** Resolves once the frontend answers and the namespace is ready. */
async function ready(child: ChildProcess, address: string, logFile: string): Promise<void> {
  const until = Date.now() + START_PATIENCE_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`temporal-start-failed: ${tailOf(logFile)}`);
    try {
      return await prepareNamespace({ address, namespace: 'default' }, true);
    } catch (fault) {
      if (Date.now() > until) throw fault;
    }
    await sleep(100);
  }
}

const versionOf = (binary: string): string =>
  execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();

/** The wanted port, or where another will do the next free one, said. */
async function choosePort(
  wanted: number,
  what: string,
  { fixedPorts = false, log = () => {} }: TemporalOptions,
): Promise<number> {
  if (fixedPorts) return wanted;
  const port = await freePort(wanted);
  if (wanted !== 0 && port !== wanted) log(`Port ${wanted} is taken: ${what} takes ${port}.`);
  return port;
}

async function startOnce(
  binary: string,
  dir: string,
  file: string,
  options: TemporalOptions,
  logFile: string,
): Promise<RunningTemporal> {
  const port = await choosePort(options.port ?? 7233, 'Temporal', options);
  const uiPort = await choosePort(options.uiPort ?? 8233, "Temporal's web UI", options);
  const child = launch(binary, dir, file, port, uiPort, logFile);
  const ended = endOf(child);
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  const server = child.pid === undefined ? undefined : markOf(child.pid);
  const owner = markOf(process.pid);
  const address = `127.0.0.1:${port}`;
  if (server && owner)
    writeFileSync(join(dir, 'server.json'), JSON.stringify({ server, owner } satisfies ServerRecord));
  try {
    await Promise.race([ready(child, address, logFile), failed]);
    // Somebody else's server may have taken the port in between and answered in our place.
    if (!server || !isRunning(server)) throw new Error(`temporal-start-failed: ${tailOf(logFile)}`);
  } catch (fault) {
    if (server) await stopProcess(server, 'SIGTERM', STOP_GRACE_MS);
    throw fault;
  }
  child.unref();
  return {
    address,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    port,
    uiPort,
    pid: server.pid,
    logFile,
    ended,
    stop: async () => {
      await stopProcess(server, 'SIGTERM', STOP_GRACE_MS);
      rmSync(join(dir, 'server.json'), { force: true });
    },
  };
}

/**
 * Runs Temporal's development server from a folder of this machine, on the loopback alone, with Boucle's search
 * attributes and 30 days of retention. For one machine; on many, give TEMPORAL_ADDRESS.
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const log = options.log ?? (() => {});
  const dir = resolve(options.dataDir);
  mkdirSync(dir, { recursive: true });
  const binary = await findTemporal(options.toolsDir ?? dir, log);
  await clearEarlierRun(dir, log);
  const version = versionOf(binary);
  const file = openDatabaseFile(dir, version, log);
  const logFile = newLogFile(join(dir, 'temporal.log'));
  for (let attempt = 1; ; attempt += 1) {
    try {
      const running = await startOnce(binary, dir, file, options, logFile);
      writeFileSync(join(dir, 'made.json'), JSON.stringify({ version }));
      return running;
    } catch (fault) {
      const taken =
        fault instanceof Error &&
        /address already in use|can't set frontend port|can't set UI port/i.test(fault.message);
      if (!taken || attempt === 3) throw fault;
    }
  }
}
