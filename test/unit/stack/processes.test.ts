import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withFileLock } from '../../../stack/file-lock';
import { freePort } from '../../../stack/ports';
import { commandOf, gone, isRunning, markOf, stopProcess } from '../../../stack/processes';
import { canReach } from '../../../stack/unprivileged-user';

test('a mark tells a process from a later one with its pid', () => {
  const mark = markOf(process.pid);
  expect(mark && isRunning(mark)).toBe(true);
  expect(isRunning({ pid: process.pid, started: 'another moment' })).toBe(false);
  expect(markOf(2 ** 22 + 1)).toBeUndefined();
  expect(commandOf(process.pid)).toContain('node');
});

test('who does not stop when asked is made to', async () => {
  const stubborn = spawn(
    process.execPath,
    ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up')"],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  await once(stubborn.stdout, 'data');
  const mark = markOf(stubborn.pid ?? 0);
  if (!mark) throw new Error('not started');
  const ended = once(stubborn, 'exit');
  await stopProcess(mark, 'SIGTERM', 200);
  expect(await gone(mark, 0)).toBe(true);
  expect((await ended)[1]).toBe('SIGKILL');
});

test('a taken port is passed over', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' && address ? address.port : 0;
  const next = await freePort(taken);
  expect(next).toBeGreaterThan(taken);
  server.close();
});

describe('the file lock', () => {
  const dir = mkdtempSync(join(tmpdir(), 'boucle-lock-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(30);
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withFileLock(join(dir, 'one'), work)));
    expect(most).toBe(1);
    expect(existsSync(join(dir, 'one'))).toBe(false);
  });

  test('is taken over from the dead', async () => {
    mkdirSync(join(dir, 'two'));
    writeFileSync(join(dir, 'two', 'holder.json'), JSON.stringify({ pid: 4_194_305, started: '1' }));
    await expect(withFileLock(join(dir, 'two'), async () => 'in')).resolves.toBe('in');
  });
});

test('a closed folder above is seen', () => {
  const dir = mkdtempSync(join(tmpdir(), 'boucle-closed-'));
  // mkdtemp makes it for its owner alone.
  const somebody = { uid: 54_321, gid: 54_321 };
  expect(canReach(somebody, join(dir, 'data'))).toBe(false);
  expect(canReach(undefined, join(dir, 'data'))).toBe(true);
  expect(canReach(somebody, '/usr/bin/env')).toBe(true);
  rmSync(dir, { recursive: true });
});
