import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromRoot } from '../../../config/paths';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'boucle-build-'));
  cpSync(fromRoot('stack/build.mjs'), join(root, 'build.mjs'));
  cpSync(fromRoot('stack/install.mjs'), join(root, 'install.mjs'));
  cpSync(fromRoot('.swcrc'), join(root, '.swcrc'));
  symlinkSync(fromRoot('node_modules'), join(root, 'node_modules'), 'dir');
  mkdirSync(join(root, 'domain'));
  writeFileSync(join(root, 'package-lock.json'), '{}');
  writeFileSync(join(root, 'domain', 'one.ts'), 'export const one: number = 1;');
  writeFileSync(join(root, 'domain', 'words.json'), '{"word":1}');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Node, not jest, imports the plain modules. */
function inNode(code: string): unknown {
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  return JSON.parse(out);
}

const build = (): unknown =>
  inNode(
    `import { build } from ${JSON.stringify(join(root, 'build.mjs'))}; console.log(JSON.stringify(await build(${JSON.stringify(root)})));`,
  );

test('it compiles what changed, copies the rest, removes what vanished', () => {
  expect(build()).toMatchObject({ compiled: 2 });
  expect(readFileSync(join(root, 'dist/domain/one.js'), 'utf8')).toContain('sourceMappingURL=one.js.map');
  expect(JSON.parse(readFileSync(join(root, 'dist/domain/one.js.map'), 'utf8')).sources).toEqual([
    '../../domain/one.ts',
  ]);
  expect(readFileSync(join(root, 'dist/domain/words.json'), 'utf8')).toBe('{"word":1}');
  expect(build()).toMatchObject({ compiled: 0 });
  writeFileSync(join(root, 'domain', 'two.ts'), 'export const two = 2;');
  rmSync(join(root, 'domain', 'one.ts'));
  expect(build()).toMatchObject({ compiled: 1 });
  expect(existsSync(join(root, 'dist/domain/one.js'))).toBe(false);
  expect(existsSync(join(root, 'dist/domain/two.js'))).toBe(true);
});

test('a fault in a source fails the build', () => {
  writeFileSync(join(root, 'domain', 'broken.ts'), 'export const = ;');
  expect(() => build()).toThrow('domain/broken.ts');
  expect(existsSync(join(root, 'dist/.build.json'))).toBe(false);
});

test('it knows whether what the lock names is installed', () => {
  rmSync(join(root, 'node_modules'));
  const ask = (): unknown =>
    inNode(
      `import { isInstalled } from ${JSON.stringify(join(root, 'install.mjs'))}; console.log(isInstalled(${JSON.stringify(root)}));`,
    );
  const lock = (packages: object): string => JSON.stringify({ packages });
  const wanted = {
    '': {},
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };
  writeFileSync(join(root, 'package-lock.json'), lock(wanted));
  expect(ask()).toBe(false);
  mkdirSync(join(root, 'node_modules'));
  const installed = join(root, 'node_modules', '.package-lock.json');
  writeFileSync(installed, lock({ 'node_modules/a': { version: '1.0.0' } }));
  expect(ask()).toBe(true);
  writeFileSync(installed, lock({ 'node_modules/a': { version: '0.9.0' } }));
  expect(ask()).toBe(false);
  writeFileSync(
    installed,
    lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } }),
  );
  expect(ask()).toBe(false);
});
