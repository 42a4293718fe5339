import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type {
  KnowledgeBase,
  KnowledgeChange,
  KnowledgeFiles,
  Publication,
} from '../../domain/improvement/ports';
import { gitIn, OWN_EMAIL, type Git, type GitOptions } from './git';

/** Longer than any git call of ours is given: what is older was left by a process that died. */
const STALE_LOCK_MS = 120_000;

/**
 * The knowledge folder: writes the files whole, then commits them. Where git is missing or refuses, the files are
 * there all the same and the answer says why they are not committed; the next publication commits them too.
 */
export function createGitFolder(path: string, options: GitOptions = {}): KnowledgeBase {
  const folder = resolve(path);
  return {
    async publish(files, message) {
      await mkdir(folder, { recursive: true });
      for (const [name, content] of Object.entries(files)) await writeWhole(join(folder, name), content);
      try {
        return await commit(folder, gitIn(folder, options), files, message);
      } catch (error) {
        return { commit: null, notCommitted: reasonOf(error) };
      }
    },

    changes: async (name, seen) =>
      existsSync(join(folder, '.git')) ? changesIn(gitIn(folder, options), name, seen) : [],
  };
}

/** Whole files are answered: more commits than these come with the next call. */
const CHANGES_MAX = 100;

async function changesIn(git: Git, name: string, seen: readonly string[]): Promise<KnowledgeChange[]> {
  // A repository without any commit has no HEAD to tell of.
  const head = await git('rev-parse', '--verify', '--quiet', 'HEAD').catch(() => '');
  if (head === '') return [];
  const log = await git(
    'log',
    // A merge that brought two people's texts together is a text of its own, and its parents come before it.
    '-c',
    '-s',
    '--topo-order',
    '--reverse',
    '--diff-filter=AM',
    '--format=%H%x1f%ae%x1f%an%x1f%s',
    // A history that was written anew has lost what was seen of it.
    '--ignore-missing',
    head,
    ...seen.map((commit) => `^${commit}`),
    '--',
    name,
  );
  const changes: KnowledgeChange[] = [];
  for (const line of log.split('\n')) {
    const [commit = '', email, author = '', message = ''] = line.split('\u001f');
    if (commit === '' || email === OWN_EMAIL) continue;
    changes.push({ commit, author, message, content: await git.whole('show', `${commit}:${name}`) });
    if (changes.length === CHANGES_MAX) break;
  }
  return changes;
}

/** A reader, or a crash, never meets half a file. */
async function writeWhole(path: string, content: string): Promise<void> {
  const known = await readFile(path, 'utf8').catch(() => null);
  if (known === content) return;
  const draft = `${path}.new`;
  await writeFile(draft, content);
  await rename(draft, path);
}

async function commit(
  folder: string,
  git: Git,
  files: KnowledgeFiles,
  message: string,
): Promise<Publication> {
  if (!existsSync(join(folder, '.git'))) await git('init', '--quiet', '--initial-branch=main');
  await dropStaleLock(folder);
  const names = Object.keys(files);
  await git('add', '--', ...names);
  if (!(await isStaged(git, names))) return { commit: null, notCommitted: null };
  await git('commit', '--quiet', `--message=${message}`, '--', ...names);
  return { commit: await git('rev-parse', 'HEAD'), notCommitted: null };
}

const isStaged = async (git: Git, names: readonly string[]): Promise<boolean> =>
  (await git('status', '--porcelain', '--untracked-files=no', '--', ...names)) !== '';

async function dropStaleLock(folder: string): Promise<void> {
  const lock = join(folder, '.git', 'index.lock');
  const found = await stat(lock).catch(() => null);
  if (found && Date.now() - found.mtimeMs > STALE_LOCK_MS) await rm(lock, { force: true });
}

function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'git failed';
  if ('code' in error && error.code === 'ENOENT') return 'git is not installed';
  const said =
    'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim().split('\n')[0] : '';
  return said ? `git failed: ${said}` : 'git failed';
}
