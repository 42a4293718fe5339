import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch {
    return undefined;
  }
}

/** Whether node_modules holds what package-lock.json names. npm notes what it installed once it has ended well. */
export function isInstalled(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  const have = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted || !have) return false;
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (path === '') return true;
    const found = have[path];
    // Packages of other platforms are in the lock and never installed.
    return found ? found.version === version : Boolean(optional || devOptional);
  });
}

/** Installs by the lock when something is missing. */
export function install(root) {
  if (isInstalled(root)) return;
  console.log('Installing packages (npm ci).');
  const { status } = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('npm ci failed: see its words above. The npm registry must be reachable on the first run.');
    process.exit(status ?? 1);
  }
}
