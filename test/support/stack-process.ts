import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromRoot } from '../../config/paths';
import { markOf, type ProcessMark } from '../../stack/processes';

/** What stack-runner.ts says of a stack that is up. */
export interface ReadyStack {
  readonly pids: Readonly<Record<string, number>>;
  readonly apiUrl: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly adminKey: string;
}

export interface StackProcess {
  readonly child: ChildProcess;
  said(): string;
  /** The first group of the pattern, once it is said. */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>;
  ready(): Promise<ReadyStack>;
}

/** A stack in a process of its own, to be killed. Needs an up-to-date dist/. */
export function stackProcess(dataDir: string, env: Readonly<Record<string, string>> = {}): StackProcess {
  const child = spawn(process.execPath, [fromRoot('dist/test/support/stack-runner.js')], {
    env: { ...process.env, BOUCLE_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const line = async (pattern: RegExp, timeoutMs = 60_000): Promise<string> => {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const found = pattern.exec(said);
      if (found) return found[1] ?? '';
      if (Date.now() > until || child.exitCode !== null)
        throw new Error(`never said ${String(pattern)}:\n${said}`);
      await sleep(50);
    }
  };
  return {
    child,
    said: () => said,
    line,
    ready: async () => JSON.parse(await line(/^READY (.*)$/m)),
  };
}

/** Marks of running processes; throws when one of them is gone already. */
export const marksOf = (pids: Readonly<Record<string, number>>): ProcessMark[] =>
  Object.entries(pids).map(([name, pid]) => {
    const mark = markOf(pid);
    if (!mark) throw new Error(`${name} (${pid}) does not run`);
    return mark;
  });
