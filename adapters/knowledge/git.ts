import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const GIT_TIMEOUT_MS = 30_000;
/** More than any file of the folder. */
const MAX_OUTPUT_BYTES = 16 << 20;
/** Whose commits are ours. */
export const OWN_EMAIL = 'boucle@localhost';

export interface GitOptions {
  /** Left out: the `git` on the PATH. */
  readonly program?: string;
  /** Environment of the program; left out, this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Git in one folder. The folder's own repository is named outright, so that a repository around it, or a hook's
 * environment, is never the one that is written to; identity, signing and hooks are set for each call, so that it
 * works the same on a machine where nothing is configured.
 */
export function gitIn(folder: string, { program = 'git', env }: GitOptions = {}) {
  const settings = {
    'user.name': 'Boucle',
    'user.email': OWN_EMAIL,
    'commit.gpgsign': 'false',
    'core.hooksPath': '/dev/null',
    'core.autocrlf': 'false',
    'safe.directory': '*',
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const output = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(
      program,
      [`--git-dir=${folder}/.git`, `--work-tree=${folder}`, ...flags, ...args],
      {
        cwd: folder,
        timeout: GIT_TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
        ...(env ? { env } : {}),
      },
    );
    return stdout;
  };
  const trimmed = async (...args: string[]): Promise<string> => (await output(...args)).trim();
  /** `whole`: to the last byte, as a file's content is wanted. */
  return Object.assign(trimmed, { whole: output });
}

export type Git = ReturnType<typeof gitIn>;
