import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes way for a log of this name; the earlier one is kept as `<name>.1`. Answers the name. */
export function newLogFile(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) renameSync(path, `${path}.1`);
  return path;
}
