import { readFileSync } from 'node:fs';
import { targetingPolicySchema, type TargetingPolicy } from '../../domain/segments/policy';
import { fromRoot } from '../paths';

/** The reviewed list of attributes a rule may read. */
export const targetingPolicy = (): TargetingPolicy =>
  targetingPolicySchema.parse(
    JSON.parse(readFileSync(fromRoot('config', 'policies', 'targeting.json'), 'utf8')),
  );
