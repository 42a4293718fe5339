import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { fromRoot } from '../../../config/paths';
import { isRunning, signal } from '../../../stack/processes';
import { prepareNamespace } from '../../../stack/temporal-namespace';
import { marksOf, stackProcess, type StackProcess } from '../../support/stack-process';

/** What the stack calls them. */
const names: Readonly<Record<string, string>> = {
  postgres: 'PostgreSQL',
  temporal: 'Temporal',
  worker: 'The worker',
  api: 'The api',
};

let dir: string;
const runners: StackProcess[] = [];

beforeAll(() => {
  execFileSync(process.execPath, [fromRoot('stack/run.mjs'), 'build'], { stdio: 'pipe' });
}, 120_000);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'boucle-stack-'));
  chmodSync(dir, 0o755);
});

afterEach(async () => {
  for (const { child } of runners.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }
  rmSync(dir, { recursive: true, force: true });
}, 60_000);

function run(env: Record<string, string> = {}): StackProcess {
  const runner = stackProcess(dir, env);
  runners.push(runner);
  return runner;
}

test('it comes up, restarts whatever is killed, refuses a twin, and Ctrl-C stops all of it and nothing else', async () => {
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'dist/worker/main.js'], {
    stdio: 'ignore',
  });
  const runner = run();
  const first = await runner.ready();
  expect(Object.keys(first.pids).sort()).toEqual(['api', 'postgres', 'temporal', 'worker']);

  const answer = await (await fetch(`${first.apiUrl}/readyz`)).json();
  expect(answer).toEqual({ url: '/readyz', publicUrl: first.apiUrl, admin: first.adminKey });
  expect(statSync(join(dir, 'secrets.json')).mode & 0o777).toBe(0o600);
  const sql = postgres(first.databaseUrl, { max: 1, onnotice: () => {} });
  await sql`create table public.kept as select 7 as n`;
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from boucle.campaigns`;
  await sql.end();
  expect(row?.n).toBe(0);

  const after: Record<string, number> = {};
  for (const [name, pid] of Object.entries(first.pids)) {
    const what = names[name] ?? '';
    signal(pid, 'SIGKILL');
    await runner.line(new RegExp(`${what} ended unexpectedly \\(SIGKILL`));
    after[name] = Number(await runner.line(new RegExp(`${what} runs again \\(pid (\\d+)\\)`)));
    expect(after[name]).not.toBe(pid);
  }
  // At the addresses that the others know.
  const again = postgres(first.databaseUrl, { max: 1, onnotice: () => {} });
  expect(await again`select n from public.kept`).toEqual([{ n: 7 }]);
  await again.end();
  await prepareNamespace({ address: first.temporalAddress, namespace: 'default' }, true);
  expect(runner.said()).not.toMatch(/is taken/);

  const twin = run();
  expect(await twin.line(/^FAILED (.*)$/m)).toContain('stack-already-running');

  const started = marksOf(after);
  runner.child.kill('SIGINT');
  const [code] = await once(runner.child, 'exit');
  expect(code).toBe(130);
  for (const mark of started) expect(isRunning(mark)).toBe(false);
  expect(bystander.exitCode).toBeNull();
  expect(bystander.signalCode).toBeNull();
  bystander.kill('SIGKILL');
}, 120_000);

test('a Ctrl-C while it starts leaves nothing behind; taken ports give others', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const early = run();
  await sleep(900);
  early.child.kill('SIGINT');
  await once(early.child, 'exit');
  const runner = run({ API_PORT: String(port) });
  const { apiUrl } = await runner.ready();
  expect(apiUrl).not.toContain(`:${port}`);
  expect(runner.said()).toContain(`Port ${port} is taken`);
  expect(runner.said()).not.toContain('An earlier run');
  expect(JSON.parse(readFileSync(join(dir, 'stack.json'), 'utf8')).children).toHaveLength(4);
  taken.close();
}, 120_000);
