import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { inheritedEnv } from '../config/env';
import { markOf, signal, stopProcess } from './processes';
import type { Log } from './tools';

export interface ServiceOptions {
  readonly name: string;
  /** Compiled script, absolute. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly log: Log;
  /** Told at every start, also after a death. */
  readonly started: (pid: number) => void;
}

export interface Service {
  readonly name: string;
  /** Undefined between a death and the next start. */
  pid(): number | undefined;
  stop(): Promise<void>;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** One that lived this long was well: its next death starts with a short pause again. */
const WELL_AFTER_MS = 30_000;
const GRACE_MS = 20_000;

/**
 * Keeps one process of Boucle running until it is stopped: an unexpected end is said, and it is started again after a
 * growing pause. It has a process group of its own, so a Ctrl-C reaches it through us alone.
 */
export function runService(options: ServiceOptions): Service {
  let child: ChildProcess | undefined;
  let stopping = false;
  let pauseMs = FIRST_PAUSE_MS;
  let again: NodeJS.Timeout | undefined;

  const launch = (): void => {
    const out = openSync(options.logFile, 'a');
    const began = Date.now();
    try {
      child = spawn(process.execPath, ['--enable-source-maps', options.script], {
        env: inheritedEnv(options.env),
        detached: true,
        stdio: ['ignore', out, out],
      });
    } finally {
      closeSync(out);
    }
    if (child.pid !== undefined) options.started(child.pid);
    child.once('exit', (code, by) => {
      child = undefined;
      if (stopping) return;
      if (Date.now() - began > WELL_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      options.log(
        `The ${options.name} ended unexpectedly (${by ?? `code ${code}`}; see ${options.logFile}): starting it again in ${pauseMs / 1_000} s.`,
      );
      again = setTimeout(launch, pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    });
  };

  mkdirSync(dirname(options.logFile), { recursive: true });
  if (existsSync(options.logFile)) renameSync(options.logFile, `${options.logFile}.1`);
  launch();
  return {
    name: options.name,
    pid: () => child?.pid,
    stop: async () => {
      stopping = true;
      clearTimeout(again);
      const pid = child?.pid;
      const mark = pid === undefined ? undefined : markOf(pid);
      if (!mark) return;
      await stopProcess(mark, 'SIGTERM', GRACE_MS);
      // Helpers it may have started (a browser, say) are of its group.
      signalGroup(mark.pid);
    },
  };
}

function signalGroup(pid: number): void {
  if (process.platform !== 'win32') signal(-pid, 'SIGKILL');
}
