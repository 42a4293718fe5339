import { defineSignal } from '@temporalio/workflow';
import type { Part } from '../../domain/shared/words';

/** One send of one step: a sliding window of shard activities. History grows with shards, not with people. */
export const WAVE_WORKFLOW = 'waveWorkflow';
export const DELIVERY_QUEUE = 'delivery';

export const waveWorkflowId = (campaignId: string, step: string, wave: string): string =>
  `wave.${campaignId}.${step}.${wave}`;

export interface WaveInput {
  readonly campaignId: string;
  readonly step: string;
  readonly wave: string;
  readonly part: Part;
  /** The arm everybody of the wave gets; left out, each gets their own. */
  readonly arm?: string;
  /** Members whose bucket lies in [from, to), of 0..`BUCKETS`. */
  readonly buckets: { readonly from: number; readonly to: number };
  readonly deadlineSeconds: number;
  /** Carried over a continue-as-new, ISO 8601; left out, it is counted from the start. */
  readonly deadlineAt?: string;
}

export interface WaveResult {
  readonly outcome: 'complete' | 'incomplete' | 'aborted';
  /** When a complete wave was closed, ISO 8601. */
  readonly endedAt?: string;
}

/** From the campaign: the hold has changed in PostgreSQL, look again. */
export const holdChangedSignal = defineSignal('holdChanged');
