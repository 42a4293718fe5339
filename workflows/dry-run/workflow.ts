import { activities } from '../activity-groups';
import type { DryRunInput, DryRunResult } from './contract';

export async function dryRunWorkflow(input: DryRunInput): Promise<DryRunResult> {
  return activities.dryRuns.dryRun(input);
}
