/** People who enter a continuous campaign's segment, for one period. It takes the wave's `holdChanged` signal. */
export const CONTINUOUS_WORKFLOW = 'continuousWorkflow';

export const continuousWorkflowId = (campaignId: string): string => `continuous.${campaignId}`;

export interface ContinuousInput {
  readonly campaignId: string;
  /** Keys of the steps, the first message first. */
  readonly steps: readonly string[];
  /** Everybody's; null: each their own, where it is challenged. */
  readonly arm: string | null;
  /** ISO 8601. */
  readonly endsAt: string;
  readonly everySeconds: number;
  /** A message not sent so long after its person entered, or after a rule let it go, is an incident. */
  readonly lateAfterSeconds: number;
  /** After the period, for what was deferred and for later steps. */
  readonly graceSeconds: number;
}

export interface ContinuousResult {
  readonly outcome: 'complete' | 'incomplete' | 'aborted';
}
