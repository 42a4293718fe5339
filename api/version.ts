import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fromRoot } from '../config/paths';

/** Of package.json: what the OpenAPI document says it describes. */
export const apiVersion = (): string =>
  z.object({ version: z.string() }).parse(JSON.parse(readFileSync(fromRoot('package.json'), 'utf8'))).version;
