import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const SOURCES = [
  'config',
  'domain',
  'store',
  'adapters',
  'activities',
  'workflows',
  'api',
  'worker',
  'stack',
  'sandbox',
  'bench',
  'test/support',
];
/** A change under one of these makes the workflow bundle anew. */
const BUNDLED = ['workflows/', 'domain/', 'worker/bundle-workflows.ts', 'package-lock.json'];
const MANIFEST = '.build.json';

const hash = (content) => createHash('sha256').update(content).digest('hex').slice(0, 24);

function filesUnder(root, folder) {
  const dir = join(root, folder);
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
}

function readManifest(dist) {
  try {
    return JSON.parse(readFileSync(join(dist, MANIFEST), 'utf8'));
  } catch {
    return {};
  }
}

const outputOf = (file) => file.replace(/\.ts$/, '.js');

function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  // Another process may be running the old file: replaced whole, never half.
  writeFileSync(`${path}.${process.pid}.half`, content);
  renameSync(`${path}.${process.pid}.half`, path);
}

async function compile(root, dist, file) {
  const swc = await import('@swc/core');
  const target = join(dist, outputOf(file));
  const { code, map } = await swc
    .transform(readFileSync(join(root, file), 'utf8'), {
      configFile: join(root, '.swcrc'),
      filename: join(root, file),
      sourceFileName: relative(dirname(target), join(root, file)),
      sourceMaps: true,
    })
    .catch((fault) => {
      // What follows are the frames of the compiler.
      throw new Error(`${file}\n${String(fault.message).split('Caused by:')[0].trim()}`);
    });
  write(`${target}.map`, map ?? '');
  write(target, `${code}\n//# sourceMappingURL=${outputOf(file).split('/').pop()}.map\n`);
}

function bundleWorkflows(root, dist) {
  if (!existsSync(join(root, 'worker/bundle-workflows.ts'))) return;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--enable-source-maps', join(dist, 'worker/bundle-workflows.js')],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    },
  );
  // The bundler is talkative when all is well.
  if (status !== 0) throw new Error(`the workflows could not be bundled:\n${stderr}`);
}

/**
 * Brings dist/ up to date: sources that changed are compiled, other files copied, vanished ones removed. A check
 * with nothing to do takes a tenth of a second: contents are compared, so a fresh checkout's times don't matter.
 */
export async function build(root) {
  const dist = join(root, 'dist');
  const before = readManifest(dist);
  const files = [...SOURCES.flatMap((folder) => filesUnder(root, folder)), 'package-lock.json', '.swcrc'];
  const now = {};
  for (const file of files) {
    if (!file.endsWith('.d.ts')) now[file] = hash(readFileSync(join(root, file)));
  }
  const all = before['.swcrc'] !== now['.swcrc'];
  const missing = (file) => !existsSync(join(dist, outputOf(file)));
  const compiled = Object.keys(now).filter((file) => file.includes('/'));
  const changed = compiled.filter((file) => all || before[file] !== now[file] || missing(file));
  const vanished = Object.keys(before).filter((file) => !(file in now));
  const rebundle =
    !existsSync(join(dist, 'workflow-bundle.js')) ||
    [
      ...changed,
      ...vanished,
      ...(before['package-lock.json'] === now['package-lock.json'] ? [] : ['package-lock.json']),
    ].some((file) => BUNDLED.some((part) => file.startsWith(part)));
  for (const file of vanished) {
    for (const end of ['', '.map']) rmSync(join(dist, outputOf(file) + end), { force: true });
  }
  await Promise.all(
    changed.map((file) =>
      file.endsWith('.ts')
        ? compile(root, dist, file)
        : write(join(dist, file), readFileSync(join(root, file))),
    ),
  );
  if (rebundle) bundleWorkflows(root, dist);
  if (changed.length + vanished.length > 0 || rebundle || all)
    write(join(dist, MANIFEST), JSON.stringify(now));
  return { compiled: changed.length, bundled: rebundle };
}
