import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inheritedEnv, readEnv, type Env } from '../config/env';
import { fromRoot } from '../config/paths';
import { freePort } from './ports';
import { startPostgres } from './postgres';
import { stackSecrets, type StackSecrets } from './secrets';
import { runService, type Service } from './service';
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
  /** Process ids of what this stack started, by name; worker and api change when they had to be started again. */
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

type Stopper = () => Promise<void>;

/** The parts of one start, each with what undoes it. */
class Startup {
  readonly stoppers: Stopper[] = [];
  readonly services: Service[] = [];
  readonly databases: Record<string, number> = {};

  constructor(
    readonly options: StackOptions,
    readonly record: StackRecord,
    readonly secrets: StackSecrets,
    readonly log: Log,
  ) {}

  private note(name: string, pid: number, command: string, stop: Stopper): void {
    this.record.add(name, pid, command);
    this.databases[name] = pid;
    this.stoppers.push(stop);
  }

  async database(): Promise<string> {
    const { env } = this.options;
    if (env.DATABASE_URL !== undefined) return env.DATABASE_URL;
    const running = await startPostgres({ dataDir: join(env.BOUCLE_DATA_DIR, 'postgres'), log: this.log });
    this.note('postgres', running.pid, 'postgres', running.stop);
    return running.url;
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
    const running = await startTemporal({ dataDir, toolsDir: env.BOUCLE_DATA_DIR, log: this.log });
    this.note('temporal', running.pid, dataDir, running.stop);
    return running;
  }

  service(
    name: ServiceName,
    script: string,
    serviceEnv: Readonly<Record<string, string>>,
    logFile: string,
  ): void {
    const service = runService({
      name,
      script,
      env: serviceEnv,
      logFile,
      log: this.log,
      started: (pid) => this.record.add(name, pid, script),
    });
    this.services.push(service);
  }

  running(): Record<string, number> {
    const pids: Record<string, number> = {};
    for (const service of this.services) {
      const pid = service.pid();
      if (pid !== undefined) pids[service.name] = pid;
    }
    return pids;
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop()));
    for (const stop of this.stoppers.reverse()) await stop();
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
    for (const name of wanted) startup.service(name, scripts[name], serviceEnv, join(logsDir, `${name}.log`));
    if (wanted.includes('api')) await waitForApi(apiUrl, join(logsDir, 'api.log'), signal);
    return {
      databaseUrl,
      temporalAddress: temporal.address,
      temporalUiUrl: temporal.uiUrl,
      apiUrl: wanted.includes('api') ? apiUrl : '',
      secrets: startup.secrets,
      logsDir,
      pids: () => ({
        ...startup.databases,
        ...startup.running(),
      }),
      stop,
    };
  } catch (fault) {
    await stop();
    throw fault;
  }
}
