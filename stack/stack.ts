import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inheritedEnv, readEnv, type Env } from '../config/env';
import { fromRoot } from '../config/paths';
import { keepRunning, type Kept, type Life } from './keep-running';
import { newLogFile } from './log-file';
import { freePort } from './ports';
import { startPostgres } from './postgres';
import { stackSecrets, type StackSecrets } from './secrets';
import { startService } from './service';
import { claimDataDir, type StackRecord } from './stack-record';
import { startTemporal } from './temporal';
import { prepareNamespace } from './temporal-namespace';
import type { Log } from './tools';

export type ServiceName = 'worker' | 'api';

export interface StackOptions {
  readonly env: Env;
  /** Processes to run beside the databases. Default: both. */
  readonly services?: readonly ServiceName[];
  /** Environment of the services beyond ours, such as the sandbox's addresses. */
  readonly serviceEnv?: Readonly<Record<string, string>>;
  /** Other scripts than dist's, for tests. */
  readonly scripts?: Partial<Readonly<Record<ServiceName, string>>>;
  /** Words for a person, one line each. */
  readonly log?: Log;
  /** Gives the start up; what runs by then is stopped. */
  readonly signal?: AbortSignal;
}

export interface Stack {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string;
  /** Empty when no api was asked for. */
  readonly apiUrl: string;
  readonly secrets: StackSecrets;
  readonly logsDir: string;
  /** Process ids of what this stack started, by name; another when one had to be started again, none until it is. */
  pids(): Readonly<Record<string, number>>;
  /** Stops what it started, users before databases, and nothing else. Safe to call twice. */
  stop(): Promise<void>;
}

const API_PATIENCE_MS = 60_000;

function migrateDatabase(databaseUrl: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ['--enable-source-maps', fromRoot('dist/worker/migrate-cli.js')], {
      env: inheritedEnv({ DATABASE_URL: databaseUrl }),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
    child.once('error', fail);
    child.once('close', (code) =>
      code === 0 ? done() : fail(new Error(`migration-failed: ${words.trim()}`)),
    );
  });
}

async function answersReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

async function waitForApi(url: string, logFile: string, signal: AbortSignal | undefined): Promise<void> {
  const until = Date.now() + API_PATIENCE_MS;
  while (!(await answersReady(url))) {
    signal?.throwIfAborted();
    if (Date.now() > until)
      throw new Error(
        `api-not-ready: ${url}/readyz did not answer 200 within ${API_PATIENCE_MS / 1_000} s; see ${logFile}`,
      );
    await sleep(100);
  }
}

/** The parts of one start. Each is kept running, and stopped with the others. */
class Startup {
  private readonly services = new Map<string, Kept>();
  private readonly databases = new Map<string, Kept>();

  constructor(
    readonly options: StackOptions,
    readonly record: StackRecord,
    readonly secrets: StackSecrets,
    readonly log: Log,
  ) {}

  /** `command`: what the command line contains, for whoever finds the process after we were killed. */
  private keep(
    first: Life,
    kept: { readonly name: string; readonly what: string; readonly command: string },
    again: () => Promise<Life>,
  ): Kept {
    const { name, what, command } = kept;
    const started = (pid: number): void => this.record.add(name, pid, command);
    return keepRunning(first, { what, again, started, log: this.log });
  }

  async database(): Promise<string> {
    const { env } = this.options;
    if (env.DATABASE_URL !== undefined) return env.DATABASE_URL;
    const options = { dataDir: join(env.BOUCLE_DATA_DIR, 'postgres'), log: this.log };
    const first = await startPostgres(options);
    const kept = this.keep(first, { name: 'postgres', what: 'PostgreSQL', command: 'postgres' }, () =>
      startPostgres({ ...options, port: first.port, fixedPort: true }),
    );
    this.databases.set('postgres', kept);
    return first.url;
  }

  async temporal(): Promise<{ address: string; uiUrl: string }> {
    const { env } = this.options;
    if (env.TEMPORAL_ADDRESS !== undefined) {
      const target = {
        address: env.TEMPORAL_ADDRESS,
        namespace: env.TEMPORAL_NAMESPACE,
        apiKey: env.TEMPORAL_API_KEY,
        tls: env.TEMPORAL_TLS,
      };
      await prepareNamespace(target, false);
      return { address: env.TEMPORAL_ADDRESS, uiUrl: env.TEMPORAL_UI_URL };
    }
    const dataDir = join(env.BOUCLE_DATA_DIR, 'temporal');
    const options = { dataDir, toolsDir: env.BOUCLE_DATA_DIR, log: this.log };
    const first = await startTemporal(options);
    const { port, uiPort } = first;
    const kept = this.keep(first, { name: 'temporal', what: 'Temporal', command: dataDir }, () =>
      startTemporal({ ...options, port, uiPort, fixedPorts: true }),
    );
    this.databases.set('temporal', kept);
    return first;
  }

  async service(
    name: ServiceName,
    script: string,
    env: Readonly<Record<string, string>>,
    logFile: string,
  ): Promise<void> {
    const start = (): Promise<Life> => startService({ script, env, logFile });
    newLogFile(logFile);
    const kept = this.keep(await start(), { name, what: `The ${name}`, command: script }, start);
    this.services.set(name, kept);
  }

  running(): Record<string, number> {
    const pids: Record<string, number> = {};
    for (const [name, kept] of [...this.databases, ...this.services]) {
      const pid = kept.pid();
      if (pid !== undefined) pids[name] = pid;
    }
    return pids;
  }

  /** Those who use a database end before it. */
  async stop(): Promise<void> {
    for (const parts of [this.services, this.databases])
      await Promise.all([...parts.values()].map((part) => part.stop()));
    this.record.close();
  }
}

/** Databases at once: each takes seconds. When one fails, the other is still waited for, so that it can be stopped. */
async function startDatabases(
  startup: Startup,
): Promise<{ databaseUrl: string; temporal: { address: string; uiUrl: string } }> {
  const [database, temporal] = await Promise.allSettled([
    startup.database().then(async (url) => {
      await migrateDatabase(url);
      return url;
    }),
    startup.temporal(),
  ]);
  if (database.status === 'rejected') throw database.reason;
  if (temporal.status === 'rejected') throw temporal.reason;
  return { databaseUrl: database.value, temporal: temporal.value };
}

/**
 * Brings Boucle up on this machine: PostgreSQL and Temporal unless the environment has their addresses, migrations,
 * worker and api as processes of their own. Resolves when the api is ready.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { env, signal } = options;
  const log = options.log ?? (() => {});
  const wanted = options.services ?? ['worker', 'api'];
  const record = await claimDataDir(env.BOUCLE_DATA_DIR, log);
  const startup = new Startup(options, record, stackSecrets(env), log);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= startup.stop());
  try {
    const { databaseUrl, temporal } = await startDatabases(startup);
    signal?.throwIfAborted();
    const logsDir = join(env.BOUCLE_DATA_DIR, 'logs');
    const port = await freePort(env.API_PORT);
    if (env.API_PORT !== 0 && port !== env.API_PORT)
      log(`Port ${env.API_PORT} is taken: the api takes ${port}.`);
    const apiUrl = `http://${env.API_HOST === '0.0.0.0' ? '127.0.0.1' : env.API_HOST}:${port}`;
    const serviceEnv = {
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: env.TEMPORAL_NAMESPACE,
      TEMPORAL_UI_URL: temporal.uiUrl,
      API_HOST: env.API_HOST,
      API_PORT: String(port),
      // An address that was given stays; the standard one follows the port.
      PUBLIC_URL: env.PUBLIC_URL === readEnv({}).PUBLIC_URL ? apiUrl : env.PUBLIC_URL,
      BOUCLE_DATA_DIR: env.BOUCLE_DATA_DIR,
      BOUCLE_PEPPER: startup.secrets.pepper,
      BOUCLE_LINK_SECRET: startup.secrets.linkSecret,
      BOUCLE_ADMIN_KEY: startup.secrets.adminKey,
      ...options.serviceEnv,
    };
    const scripts = {
      api: fromRoot('dist/api/server.js'),
      worker: fromRoot('dist/worker/main.js'),
      ...options.scripts,
    };
    for (const name of wanted)
      await startup.service(name, scripts[name], serviceEnv, join(logsDir, `${name}.log`));
    if (wanted.includes('api')) await waitForApi(apiUrl, join(logsDir, 'api.log'), signal);
    return {
      databaseUrl,
      temporalAddress: temporal.address,
      temporalUiUrl: temporal.uiUrl,
      apiUrl: wanted.includes('api') ? apiUrl : '',
      secrets: startup.secrets,
      logsDir,
      pids: () => startup.running(),
      stop,
    };
  } catch (fault) {
    await stop();
    throw fault;
  }
}
