import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { inheritedEnv } from '../config/env';
import type { Life } from './keep-running';
import { endOf, markOf, signal, stopProcess } from './processes';

export interface ServiceOptions {
  /** Compiled script, absolute. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Added to. */
  readonly logFile: string;
}

const GRACE_MS = 20_000;

function launch({ script, env, logFile }: ServiceOptions): ChildProcess {
  const out = openSync(logFile, 'a');
  try {
    return spawn(process.execPath, ['--enable-source-maps', script], {
      env: inheritedEnv(env),
      // A group of its own: a Ctrl-C reaches it through us alone.
      detached: true,
      stdio: ['ignore', out, out],
    });
  } finally {
    closeSync(out);
  }
}

/** Starts one process of Boucle; whether it is of use yet is for its caller to find out. */
export async function startService(options: ServiceOptions): Promise<Life> {
  const child = launch(options);
  const ended = endOf(child);
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error(`service-start-failed: ${options.script}`);
  return {
    pid,
    logFile: options.logFile,
    ended,
    stop: async () => {
      const mark = markOf(pid);
      if (!mark || child.exitCode !== null || child.signalCode !== null) return;
      await stopProcess(mark, 'SIGTERM', GRACE_MS);
      // Helpers it may have started (a browser, say) are of its group.
      if (process.platform !== 'win32') signal(-pid, 'SIGKILL');
    },
  };
}
