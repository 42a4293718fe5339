import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Root of the project, from the sources as from dist/: the nearest folder above with package.json. */
export const projectRoot = ((): string => {
  let dir = __dirname;
  while (!existsSync(join(dir, 'package.json'))) {
    const up = dirname(dir);
    if (up === dir) throw new Error('package.json not found above ' + __dirname);
    dir = up;
  }
  return dir;
})();

export const fromRoot = (...parts: string[]): string => join(projectRoot, ...parts);
