import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The .sql files stay where they are written; compiled code runs from dist/store. */
export const migrationFile = (file = ''): string => {
  const beside = join(__dirname, 'migrations');
  return join(existsSync(beside) ? beside : resolve(__dirname, '../../store/migrations'), file);
};
