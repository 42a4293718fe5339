import { execFileSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process beyond doubt: pids are reused, so the pid goes with the moment the process started. */
export interface ProcessMark {
  readonly pid: number;
  readonly started: string;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  try {
    return (
      execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
    );
  } catch {
    return undefined;
  }
}

/**
 * When the process started, as an opaque word equal for the same process only; undefined when it is not running
 * (a zombie is not). Linux answers from /proc, others through ps.
 */
function startedAt(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'lstart');
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // The name, in brackets, may hold blanks and brackets: count fields behind the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

export function markOf(pid: number): ProcessMark | undefined {
  const started = startedAt(pid);
  return started === undefined ? undefined : { pid, started };
}

export const isRunning = (mark: ProcessMark): boolean => startedAt(mark.pid) === mark.started;

/** The command line of a running process, arguments joined by blanks; empty when it is not to be had. */
export function commandOf(pid: number): string {
  const line =
    process.platform === 'linux' ? readProc(pid, 'cmdline')?.replaceAll('\0', ' ') : ps(pid, 'command');
  return line?.trim() ?? '';
}

function workFolderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Processes that work in this folder. Linux alone tells; elsewhere none is found. */
export function processesIn(dir: string): ProcessMark[] {
  if (process.platform !== 'linux') return [];
  const folder = realpathSync(dir);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && workFolderOf(pid) === folder)
    .flatMap((pid) => markOf(pid) ?? []);
}

/** How a child ends: a signal's name, or `code 1`. To be asked before it can have ended. */
export const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((done) => child.once('exit', (code, by) => done(by ?? `code ${code}`)));

/** Sends a signal; a process that is gone already is no fault. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (fault) {
    // Not by `instanceof`: within a test's own context Node's errors are of another one.
    const code = typeof fault === 'object' && fault !== null && 'code' in fault ? fault.code : null;
    if (code !== 'ESRCH') throw fault;
  }
}

/** Waits until the process is gone. Answers false when it still runs after timeoutMs. */
export async function gone(mark: ProcessMark, timeoutMs: number): Promise<boolean> {
  const until = Date.now() + timeoutMs;
  while (isRunning(mark)) {
    if (Date.now() > until) return false;
    await sleep(25);
  }
  return true;
}

/** Asks a process to stop, and makes it after graceMs. */
export async function stopProcess(mark: ProcessMark, ask: NodeJS.Signals, graceMs: number): Promise<void> {
  if (!isRunning(mark)) return;
  signal(mark.pid, ask);
  if (await gone(mark, graceMs)) return;
  signal(mark.pid, 'SIGKILL');
  await gone(mark, 5_000);
}
