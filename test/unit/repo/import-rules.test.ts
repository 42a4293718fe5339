import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fromRoot } from '../../../config/paths';

const PARTS = [
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
];

interface Cruise {
  summary: { totalCruised: number; violations: { rule: { name: string }; from: string; to: string }[] };
}

function cruise(root: string): Cruise['summary'] {
  const folders = [...PARTS, 'test'].filter((part) => existsSync(join(root, part)));
  const cli = fromRoot('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [cli, '--config', fromRoot('.dependency-cruiser.cjs'), '--output-type', 'json', ...folders];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (stdout === '') throw new Error(stderr);
  const parsed: Cruise = JSON.parse(stdout);
  return parsed.summary;
}

test('nobody imports whom they may not', () => {
  const { violations, totalCruised } = cruise(fromRoot());
  expect(violations.map((v) => `${v.rule.name}: ${v.from} → ${v.to}`)).toEqual([]);
  expect(totalCruised).toBeGreaterThan(100);
}, 60_000);

test('the rules bite', () => {
  const root = mkdtempSync(join(tmpdir(), 'boucle-rules-'));
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  const world = "import { it } from '../store/world'; export const mine = it;";
  put('package.json', '{}');
  put('tsconfig.json', '{ "compilerOptions": { "moduleResolution": "bundler", "module": "esnext" } }');
  put('store/world.ts', 'export const it = 1;');
  put('sandbox/toy.ts', 'export const toy = 1;');
  put('domain/impure.ts', world);
  put('domain/noisy.ts', "import { readFileSync } from 'node:fs'; export const read = readFileSync;");
  put('config/curious.ts', world);
  put('stack/curious.ts', world);
  put('activities/send.ts', 'export const send = 1; export type Send = 1;');
  put('activities/ok.ts', world);
  put('api/lazy.ts', "import { send } from '../activities/send'; export const mine = send;");
  put('worker/playful.ts', "import { toy } from '../sandbox/toy'; export const mine = toy;");
  put('adapters/reader.ts', "import { env } from '../config/values'; export const mine = env;");
  put('config/values.ts', 'export const env = 1; export type Env = 1;');
  put('adapters/ok.ts', "import type { Env } from '../config/values'; export const mine: Env = 1;");
  put('workflows/one/workflow.ts', "import { send } from '../../activities/send'; export const mine = send;");
  put(
    'workflows/two/workflow.ts',
    "import { mine } from '../one/workflow'; import type { Send } from '../../activities/send'; export const s: Send = mine;",
  );
  symlinkSync(fromRoot('node_modules'), join(root, 'node_modules'), 'dir');
  const caught = cruise(root).violations.map((v) => `${v.rule.name}: ${v.from}`);
  rmSync(root, { recursive: true, force: true });
  expect([...new Set(caught)].sort()).toEqual([
    'activities-by-type: workflows/one/workflow.ts',
    'api-imports: api/lazy.ts',
    'config-by-type: adapters/reader.ts',
    'config-imports: config/curious.ts',
    'domain-imports: domain/impure.ts',
    'pure-without-node: domain/noisy.ts',
    'stack-imports: stack/curious.ts',
    'worker-imports: worker/playful.ts',
    'workflows-by-contract: workflows/two/workflow.ts',
  ]);
}, 60_000);
