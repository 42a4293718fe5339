import type { Decision, DecisionAnswer } from '../domain/approvals/decision';
import type { DryRunReport } from '../domain/campaigns/dry-run';
import type { CampaignStart } from '../domain/campaigns/starting';
import type { CampaignSchedule } from '../store/campaign-schedules-store';
import type { CampaignState, Command } from '../workflows/campaign/contract';
import type { DryRunInput } from '../workflows/dry-run/contract';

export type CommandKind = 'pause' | 'resume' | 'abort' | 'revised';

/**
 * What the routes ask of Temporal. Every method throws BoucleErrors: temporal-unavailable where the server does not
 * answer, worker-unavailable where no worker answered in time, campaign-ended where the run is over, conflict where
 * the workflow refuses.
 */
export interface Orchestrator {
  /** Answers the run id. */
  startRun(campaign: CampaignStart): Promise<string>;
  startImport(importId: string): Promise<void>;
  /** Waits for the report; worker-unavailable after `waitMs`. */
  dryRun(input: DryRunInput, waitMs: number): Promise<DryRunReport>;
  /** `kept`: no worker answered, but Temporal keeps what was said until one does. Likewise below. */
  decide(workflowId: string, decision: Decision): Promise<DecisionAnswer | 'kept'>;
  command(workflowId: string, kind: CommandKind, command: Command): Promise<CampaignState | 'kept'>;
  /** invalid-request, with the place at fault, where Temporal cannot read when, or it would never come; as moving does. */
  createSchedule(schedule: CampaignSchedule): Promise<void>;
  moveSchedule(schedule: CampaignSchedule): Promise<void>;
  /** One that is not there any more is cancelled already. */
  cancelSchedule(scheduleId: string): Promise<void>;
  /** When it fires next; null: never again, or Temporal has no such schedule. */
  nextFiring(scheduleId: string): Promise<Date | null>;
  /** When an active schedule fires in [since, until); one that never was does not. A cancelled one is still answered for. */
  firings(scheduleId: string, since: Date, until: Date): Promise<Date[]>;
  ping(): Promise<void>;
}
