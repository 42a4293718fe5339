import type { DryRunReport } from '../../domain/campaigns/dry-run';

/** A whole campaign but the sending; writes nothing but its report. */
export const DRY_RUN_WORKFLOW = 'dryRunWorkflow';
export const DRY_RUN_QUEUE = 'analytics';
export const dryRunWorkflowId = (dryRunId: string): string => `dry-run.${dryRunId}`;

export interface DryRunInput {
  readonly dryRunId: string;
  readonly scenarioKey: string;
  readonly scenarioVersion: number;
  readonly by: string;
}

export type DryRunResult = DryRunReport;
