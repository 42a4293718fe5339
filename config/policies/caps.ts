import { readFileSync } from 'node:fs';
import { capsSchema, type CapRules } from '../../domain/frequency/cap';
import { fromRoot } from '../paths';

/** The reviewed caps that seed an empty database; afterwards the table is the truth. */
export const defaultCaps = (): CapRules =>
  capsSchema.parse(JSON.parse(readFileSync(fromRoot('config', 'policies', 'caps.json'), 'utf8')));
