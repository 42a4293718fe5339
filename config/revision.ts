import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { fromRoot } from './paths';

const read = (...path: string[]): string | null => {
  const file = fromRoot(...path);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
};

/** Of package.json: what the OpenAPI document says it describes. */
export const version = (): string =>
  z.object({ version: z.string() }).parse(JSON.parse(read('package.json') ?? '{}')).version;

/**
 * The code that runs: its version and, from a checkout or an image that was built from one (`REVISION`), the commit. It stands
 * beside whatever was computed, so that it can be computed again by the same code.
 */
export function revision(): string {
  const commit = read('REVISION') ?? head();
  return commit === null || commit === '' ? version() : `${version()}+${commit.slice(0, 12)}`;
}

function head(): string | null {
  const now = read('.git', 'HEAD');
  const branch = /^ref: (.+)$/.exec(now ?? '')?.[1];
  if (branch === undefined) return now;
  const packed = read('.git', 'packed-refs')
    ?.split('\n')
    .find((line) => line.endsWith(` ${branch}`));
  return read('.git', ...branch.split('/')) ?? packed?.split(' ')[0] ?? null;
}
