import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { PostgresBinaries } from './postgres-binaries';
import { canReach, type UnprivilegedUser } from './unprivileged-user';

export const SUPERUSER = 'boucle';

/** A folder that holds one PostgreSQL: data/ is PostgreSQL's own, beside it what Boucle knows of it. */
export interface PostgresFolder {
  readonly home: string;
  readonly data: string;
  readonly password: string;
}

const MADE = 'made.json';

/**
 * Where the data of `dataDir` really goes. PostgreSQL runs as another user when we are root, and a clone under /root
 * is closed to it: the data then sits under /var/lib/boucle, by the hash of the folder it was asked for.
 */
function postgresHome(dataDir: string, user: UnprivilegedUser | undefined): string {
  const asked = resolve(dataDir);
  if (canReach(user, join(asked, 'data'))) return asked;
  return join('/var/lib/boucle', createHash('sha256').update(asked).digest('hex').slice(0, 16), 'postgres');
}

function initdb(
  binaries: PostgresBinaries,
  folder: PostgresFolder,
  user: UnprivilegedUser | undefined,
  sync: boolean,
): Promise<void> {
  const passwordFile = join(folder.home, 'password');
  writeFileSync(passwordFile, `${folder.password}\n`, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const args = [
    `--pgdata=${folder.data}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own locale: the same order and case rules on any machine, whatever locales it has.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(sync ? [] : ['--no-sync']),
  ];
  return new Promise((done, fail) => {
    const child = spawn(binaries.initdb, args, {
      ...user,
      cwd: folder.home,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
    child.once('error', fail);
    child.once('close', (code) => {
      rmSync(passwordFile, { force: true });
      if (code === 0) done();
      else fail(new Error(`postgres-initdb-failed (${code ?? 'killed'}): ${words.trim().slice(-2_000)}`));
    });
  });
}

/**
 * Leaves a note of the real place in the folder that was asked for. Where the note is gone, somebody deleted that
 * folder to begin anew: what is in the real place belongs to the past, and is moved aside.
 */
function linkToHome(asked: string, home: string, data: string, log: (line: string) => void): void {
  const note = join(asked, 'moved-to.txt');
  if (existsSync(note)) return;
  mkdirSync(asked, { recursive: true });
  if (existsSync(data))
    log(`${asked} is new: its earlier database is kept as ${moveAside(data, 'earlier')}.`);
  writeFileSync(note, `${home}\n`);
}

function moveAside(data: string, why: string): string {
  const aside = `${data}.${why}.${new Date().toISOString().replaceAll(':', '-')}`;
  renameSync(data, aside);
  return aside;
}

/** What the folder says of itself; undefined when its making never ended. */
function madeWith(home: string): { password: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(home, MADE), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Opens the folder, making it on first use. The marker is written last: a folder without it was left half-written,
 * and is moved aside, never deleted.
 */
export async function openPostgresFolder(
  dataDir: string,
  binaries: PostgresBinaries,
  user: UnprivilegedUser | undefined,
  options: { sync: boolean; log: (line: string) => void },
): Promise<PostgresFolder> {
  const home = postgresHome(dataDir, user);
  const data = join(home, 'data');
  if (home !== resolve(dataDir)) linkToHome(resolve(dataDir), home, data, options.log);
  const made = madeWith(home);
  if (made && existsSync(join(data, 'PG_VERSION'))) {
    const major = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
    if (major !== binaries.version.split('.')[0]) {
      throw new Error(
        `postgres-version-differs: ${data} was made by PostgreSQL ${major}, this is ${binaries.version}. Move it away, or carry it over with pg_upgrade.`,
      );
    }
    return { home, data, password: made.password };
  }
  if (existsSync(data) && readdirSync(data).length > 0) {
    const aside = moveAside(data, 'half-written');
    options.log(
      `The database folder ${data} was left half-written by an earlier run: moved to ${aside}, starting with an empty one.`,
    );
  }
  rmSync(join(home, MADE), { force: true });
  mkdirSync(home, { recursive: true, mode: 0o755 });
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (user) {
    chownSync(home, user.uid, user.gid);
    chownSync(data, user.uid, user.gid);
  }
  const folder = { home, data, password: randomBytes(18).toString('base64url') };
  await initdb(binaries, folder, user, options.sync);
  const half = join(home, `${MADE}.half`);
  writeFileSync(half, JSON.stringify({ password: folder.password, version: binaries.version }), {
    mode: 0o600,
  });
  renameSync(half, join(home, MADE));
  return folder;
}
