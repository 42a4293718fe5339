import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fromRoot } from '../../config/paths';

/** A script of this folder in a process of its own, to be killed. Resolves once it has said that it is ready. */
export async function forkSource(
  name: 'shard-process' | 'lane-process' | 'import-process',
): Promise<ChildProcess> {
  const child = fork(fromRoot('test/support', `${name}.ts`), [], {
    execArgv: ['-r', fromRoot('test/support/ts-require.js')],
  });
  await once(child, 'message');
  return child;
}
