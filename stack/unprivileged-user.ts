import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Who PostgreSQL runs as. It refuses root. */
export interface UnprivilegedUser {
  readonly uid: number;
  readonly gid: number;
}

function lookUp(name: string): UnprivilegedUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((l) => l.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/**
 * The user to run PostgreSQL as: undefined for the one we are, unless we are root. As root: the user postgres, made
 * when missing; where it cannot be made, nobody.
 */
export function postgresUser(): UnprivilegedUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = lookUp('postgres');
  if (known) return known;
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], {
      stdio: 'ignore',
    });
  } catch {
    // No useradd, or a read-only /etc: nobody will do, the data folder is given to it.
  }
  const found = lookUp('postgres') ?? lookUp('nobody');
  if (!found)
    throw new Error(
      'postgres-user-missing: PostgreSQL does not run as root, and there is no user postgres or nobody',
    );
  return found;
}

/** Whether the user can pass through every folder above `path`. A clone under /root (mode 700) cannot be passed. */
export function canReach(user: UnprivilegedUser | undefined, path: string): boolean {
  if (user === undefined) return true;
  for (let dir = dirname(resolve(path)); ; dir = dirname(dir)) {
    const stat = statSync(dir, { throwIfNoEntry: false });
    if (stat !== undefined) {
      const bit = stat.uid === user.uid ? 0o100 : stat.gid === user.gid ? 0o010 : 0o001;
      if ((stat.mode & bit) === 0) return false;
    }
    if (dir === dirname(dir)) return true;
  }
}
