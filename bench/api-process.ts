import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../stack/ports';

export interface BenchApi {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  close(): Promise<void>;
}

const PATIENCE_MS = 30_000;

/** The api as it runs in production, in a process of its own; Temporal is not there and is not asked. */
export async function startBenchApi(env: Readonly<Record<string, string>>): Promise<BenchApi> {
  const port = await freePort(0);
  const url = `http://127.0.0.1:${port}`;
  // As this process was started: from the sources or from what was built.
  const child = fork(join(__dirname, '..', 'api', `server${__filename.slice(-3)}`), {
    env: {
      ...process.env,
      API_HOST: '127.0.0.1',
      API_PORT: String(port),
      PUBLIC_URL: url,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      LOG_LEVEL: 'error',
      ...env,
    },
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until && child.exitCode === null;) {
    const answers = await fetch(`${url}/healthz`).then(
      () => true,
      () => false,
    );
    if (answers) return { url, port, pid: child.pid ?? 0, close };
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error('the api of the bench did not start');
}
