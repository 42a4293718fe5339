import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFileLock } from './file-lock';
import { commandOf, isRunning, markOf, stopProcess, type ProcessMark } from './processes';
import type { Log } from './tools';

/** One process of the stack, with what its command line must contain to be believed. */
export interface StackChild {
  readonly name: string;
  readonly mark: ProcessMark;
  readonly command: string;
}

interface Written {
  readonly owner: ProcessMark;
  readonly children: readonly StackChild[];
}

export interface StackRecord {
  /** Notes a child, in place of an earlier one of that name. */
  add(name: string, pid: number, command: string): void;
  close(): void;
}

const GRACE_MS = 15_000;
/** Those who use a database end before it. */
const ORDER = ['worker', 'api', 'temporal', 'postgres'];

function read(file: string): Written | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function write(file: string, content: Written): void {
  writeFileSync(`${file}.half`, JSON.stringify(content));
  renameSync(`${file}.half`, file);
}

async function stopOrphans(children: readonly StackChild[], log: Log): Promise<void> {
  const ours = children.filter((c) => isRunning(c.mark) && commandOf(c.mark.pid).includes(c.command));
  const sorted = [...ours].sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  for (const child of sorted) {
    log(`An earlier run was killed and left its ${child.name} running (pid ${child.mark.pid}): stopping it.`);
    await stopProcess(child.mark, child.name === 'postgres' ? 'SIGINT' : 'SIGTERM', GRACE_MS);
  }
}

/**
 * Takes the data folder for this process: one stack a folder. What a killed run left running is stopped first; a run
 * that lives is an error, `stack-already-running`.
 */
export async function claimDataDir(dataDir: string, log: Log): Promise<StackRecord> {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'stack.json');
  const owner = markOf(process.pid);
  if (!owner) throw new Error('process-unknown: cannot read when this process started');
  let children: StackChild[] = [];
  await withFileLock(join(dataDir, 'stack.lock'), async () => {
    const earlier = read(file);
    if (earlier && isRunning(earlier.owner)) {
      throw new Error(
        `stack-already-running: process ${earlier.owner.pid} runs Boucle from ${dataDir}. Stop it (Ctrl-C where it runs), or give another folder in BOUCLE_DATA_DIR.`,
      );
    }
    if (earlier) await stopOrphans(earlier.children, log);
    write(file, { owner, children });
  });
  return {
    add: (name, pid, command) => {
      const mark = markOf(pid);
      if (!mark) return;
      children = [...children.filter((c) => c.name !== name), { name, mark, command }];
      write(file, { owner, children });
    },
    close: () => rmSync(file, { force: true }),
  };
}
