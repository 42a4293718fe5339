import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Everything that can be known of the code without running its tests. All checks run, also after one failed. */
export function check(root) {
  const bin = (name) => join(root, 'node_modules', '.bin', name);
  const checks = [
    ['types', bin('tsc'), ['-p', '.']],
    ['lint', bin('eslint'), ['.', '--max-warnings=0']],
    ['format', bin('prettier'), ['--check', '--log-level=warn', '.']],
    ['unused', bin('knip'), ['--no-progress']],
    [
      'generated files',
      process.execPath,
      ['--enable-source-maps', join(root, 'dist/test/support/generate.js'), '--check'],
    ],
  ];
  const failed = [];
  for (const [name, command, args] of checks) {
    const began = Date.now();
    const { status } = spawnSync(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    });
    console.log(
      `${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`,
    );
    if (status !== 0) failed.push(name);
  }
  if (failed.length > 0) console.error(`check failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}
