import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, markOf, type ProcessMark } from './processes';

function holderOf(dir: string): ProcessMark | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, 'holder.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

function take(dir: string): boolean {
  try {
    mkdirSync(dir);
  } catch {
    return false;
  }
  writeFileSync(join(dir, 'holder.json'), JSON.stringify(markOf(process.pid)));
  return true;
}

/**
 * Does the work while no other process of this machine does it: `dir` is a folder that exists while the lock is held.
 * One whose holder died is taken over.
 */
export async function withFileLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(dir), { recursive: true });
  let nameless = 0;
  while (!take(dir)) {
    const holder = holderOf(dir);
    // Between mkdir and the holder's name lies a moment; longer than 2 s means it died right there.
    nameless = holder ? 0 : nameless + 1;
    if ((holder && !isRunning(holder)) || nameless > 20) rmSync(dir, { recursive: true, force: true });
    else await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
