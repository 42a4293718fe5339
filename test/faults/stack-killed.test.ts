import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { fromRoot } from '../../config/paths';
import { gone, isRunning } from '../../stack/processes';
import { marksOf, stackProcess } from '../support/stack-process';

const dir = mkdtempSync(join(tmpdir(), 'boucle-killed-'));

beforeAll(() => {
  chmodSync(dir, 0o755);
  execFileSync(process.execPath, [fromRoot('stack/run.mjs'), 'build'], { stdio: 'pipe' });
}, 120_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('what a killed run left is stopped and said; the data and the secrets are there again, within 20 s', async () => {
  const runner = stackProcess(dir);
  const first = await runner.ready();
  const sql = postgres(first.databaseUrl, { max: 1, onnotice: () => {} });
  await sql`create table public.kept (n int)`;
  await sql.end();
  const orphans = marksOf(first.pids);
  runner.child.kill('SIGKILL');
  await once(runner.child, 'exit');
  for (const mark of orphans) expect(isRunning(mark)).toBe(true);

  const began = Date.now();
  const next = stackProcess(dir);
  const second = await next.ready();
  expect(Date.now() - began).toBeLessThan(20_000);
  for (const name of ['worker', 'api', 'temporal', 'postgres']) {
    expect(next.said()).toContain(`An earlier run was killed and left its ${name} running`);
  }
  for (const mark of orphans) expect(await gone(mark, 0)).toBe(true);
  expect(second.adminKey).toBe(first.adminKey);
  const again = postgres(second.databaseUrl, { max: 1, onnotice: () => {} });
  expect(await again`select count(*)::int as n from public.kept`).toEqual([{ n: 0 }]);
  await again.end();
  next.child.kill('SIGTERM');
  await once(next.child, 'exit');
}, 120_000);
