import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { z } from 'zod';
import { gone, isRunning, markOf, signal } from '../../../stack/processes';
import { startPostgres, type RunningPostgres } from '../../../stack/postgres';

const settings = { fsync: 'off' };
let dir: string;
let running: RunningPostgres | undefined;
let words: string[];
const log = (line: string): void => void words.push(line);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'boucle-pg-'));
  chmodSync(dir, 0o755);
  words = [];
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(dir, { recursive: true, force: true });
});

async function query(url: string, text: string): Promise<unknown[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end({ timeout: 2 });
  }
}

async function eventually(look: () => Promise<unknown[]>): Promise<unknown[]> {
  for (;;) {
    const found = await look();
    if (found.length > 0) return found;
    await sleep(20);
  }
}

test('what was written is there after a stop and a start, and the durable settings stay on', async () => {
  running = await startPostgres({ dataDir: dir, port: 0, log });
  await query(running.url, 'create table kept (n int); insert into kept values (7)');
  expect(await query(running.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
  await running.stop();
  running = await startPostgres({ dataDir: dir, port: 0, log });
  expect(await query(running.url, 'select n from kept')).toEqual([{ n: 7 }]);
  expect(words).toEqual([]);
});

test('a taken port gives the next one, and says so', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  running = await startPostgres({ dataDir: dir, port, log, settings });
  expect(running.port).not.toBe(port);
  expect(words.join()).toContain(`Port ${port} is taken`);
  taken.close();
});

test('a half-written folder is moved aside, and said', async () => {
  mkdirSync(join(dir, 'data'), { recursive: true });
  writeFileSync(join(dir, 'data', 'PG_VERSION'), '18\n');
  running = await startPostgres({ dataDir: dir, port: 0, log, settings });
  expect(words.join()).toContain('half-written');
  expect(readdirSync(dir).some((n) => n.startsWith('data.half-written.'))).toBe(true);
  expect(await query(running.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a killed server starts again with what it had, where it was, and without what a session was about', async () => {
  running = await startPostgres({ dataDir: dir, port: 0, log });
  const { url, port, pid, ended } = running;
  await query(url, 'create table kept (n int); insert into kept values (7)');
  // Half a minute without a look at anything else: it does not notice that its postmaster is gone.
  const busy = query(url, 'insert into kept select count(*) from generate_series(1, 200000000) n').catch(
    () => 'cut off',
  );
  const [session] = await eventually(() =>
    query(url, "select pid from pg_stat_activity where query like 'insert%' and state = 'active'"),
  );
  const { pid: sessionPid } = z.object({ pid: z.number() }).parse(session);
  const orphan = markOf(sessionPid);
  signal(pid, 'SIGKILL');
  expect(await ended).toBe('SIGKILL');
  expect(existsSync(join(dir, 'data', 'postmaster.pid'))).toBe(true);
  expect(orphan && isRunning(orphan)).toBe(true);
  const began = Date.now();
  running = await startPostgres({ dataDir: dir, port, fixedPort: true, log });
  expect(Date.now() - began).toBeLessThan(10_000);
  expect(running.url).toBe(url);
  expect(orphan && isRunning(orphan)).toBe(false);
  expect(words.join()).toMatch(/A killed PostgreSQL left \d+ processes behind/);
  expect(await busy).toBe('cut off');
  expect(await query(running.url, 'select n from kept')).toEqual([{ n: 7 }]);
});

test('the pid of a stranger in postmaster.pid harms nobody', async () => {
  running = await startPostgres({ dataDir: dir, port: 0, log, settings });
  await running.stop();
  const bystander = spawn('sleep', ['60'], { stdio: 'ignore' });
  writeFileSync(
    join(dir, 'data', 'postmaster.pid'),
    `${bystander.pid}\n${join(dir, 'data')}\n0\n5432\n\n127.0.0.1\n`,
  );
  running = await startPostgres({ dataDir: dir, port: 0, log, settings });
  expect(await query(running.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  bystander.kill('SIGKILL');
});

test('a server whose starter was killed is stopped and replaced; a live one is refused', async () => {
  running = await startPostgres({ dataDir: dir, port: 0, log, settings });
  const orphan = markOf(running.pid);
  const record = JSON.parse(readFileSync(join(dir, 'server.json'), 'utf8'));
  const other = markOf(process.ppid);
  writeFileSync(join(dir, 'server.json'), JSON.stringify({ ...record, owner: other }));
  await expect(startPostgres({ dataDir: dir, port: 0, log, settings })).rejects.toThrow(
    'postgres-already-running',
  );
  writeFileSync(
    join(dir, 'server.json'),
    JSON.stringify({ ...record, owner: { pid: 999_999, started: '1' } }),
  );
  const next = await startPostgres({ dataDir: dir, port: 0, log, settings });
  expect(words.join()).toContain('An earlier run left its PostgreSQL running');
  expect(orphan && (await gone(orphan, 0))).toBe(true);
  running = next;
});
