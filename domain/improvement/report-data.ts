import type { GroupEffects } from '../experiments/declared-groups';
import type { FactorEffects } from '../experiments/factors';
import type { Interaction } from '../experiments/interactions';
import type { Variant } from '../experiments/sensitivity';
import type { RevenueEffects } from '../experiments/revenue';
import type { Action } from '../experiments/evaluation';
import type { MetricEffects } from '../experiments/other-metrics';
import type { AudienceCounts, DeliveryCounts } from '../campaigns/audience';
import type { End, Stage } from '../shared/words';

/** One stage as it was recorded; times are ISO 8601. `outcome` is null while it runs. */
export interface ReportStage {
  readonly name: Stage;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: string | null;
}

/** matched = members + holdout + sum(excluded); `pilot` repeats `parts.pilot`. */
export type ReportAudience = AudienceCounts & { readonly pilot: number };

/** Of the latest revision of each creative. `rendered` counts them all, the rejected ones too. */
export interface ReportCreatives {
  readonly rendered: number;
  readonly rejected: number;
  readonly findings: number;
  readonly bySeverity: { readonly blocking: number; readonly warning: number; readonly info: number };
  readonly byCheck: readonly { readonly check: string; readonly severity: string; readonly count: number }[];
}

export interface ReportApproval {
  readonly approvalId: string;
  readonly state: 'waiting' | 'approved' | 'rejected' | 'expired' | 'void';
  readonly requestedAt: string;
  readonly deadlineAt: string;
  readonly decisions: readonly {
    readonly decisionId: string;
    readonly decision: 'approve' | 'reject';
    readonly by: string;
    readonly via: 'rest' | 'slack';
    readonly outcome: string;
    readonly reason: string | null;
    readonly at: string;
  }[];
}

/** planned = accepted + failed + skipped + uncertain + open, for each wave and in all. */
export interface ReportDeliveries extends DeliveryCounts {
  /** Control people the waves passed over: they get nothing and are no delivery. */
  readonly withheld: number;
  readonly waves: readonly (DeliveryCounts & {
    readonly step: string;
    readonly wave: string;
    readonly part: string;
    readonly arm: string | null;
    readonly withheld: number;
    readonly startedAt: string;
    readonly endedAt: string | null;
  })[];
  /** Why messages were skipped, failed or left uncertain: {state, reason or code, n}. */
  readonly reasons: readonly { readonly state: string; readonly reason: string; readonly count: number }[];
}

export interface ReportArm {
  readonly arm: string;
  /** Everyone the gate allowed. */
  readonly n: number;
  /** People with the primary metric's event within the window, each once. */
  readonly events: number | null;
  readonly rate: number;
}

export interface ReportComparison {
  readonly arm: string;
  /** Rate of the arm minus rate of the reference arm, as a share (0.01 = one percent point). */
  readonly difference: number;
  /** Newcombe's interval of the difference at 1 - alpha. */
  readonly ci: readonly [number, number];
  /** Two-sided, Holm-adjusted over the comparisons; always above 0. */
  readonly pAdjusted: number;
}

/** What `GET /v1/campaigns/{id}/report` and `--json` say of the test. */
export interface ExperimentSummary {
  /** The event type counted. */
  readonly metric: string;
  /** p of the sample-ratio check on those the gate allowed; null where there are too few to check. */
  readonly srmP: number | null;
  readonly arms: readonly ReportArm[];
  /** Against the reference arm: the control, else the baseline, else the first. */
  readonly comparisons: readonly ReportComparison[];
  /** What the scenario had counted beside the primary metric; nothing is decided by it. */
  readonly otherMetrics: readonly MetricEffects[];
  /** The primary metric in the groups the scenario declared; likewise. */
  readonly groups: readonly GroupEffects[];
  /** What each arm brought and cost beyond the reference; null: the scenario did not have it counted. */
  readonly revenue: RevenueEffects | null;
  readonly factors: FactorEffects | null;
  readonly interactions: readonly Interaction[];
  readonly sensitivity: readonly Variant[];
  readonly decision: {
    readonly action: Action;
    readonly arm: string | null;
    /** In words for a person, with the interval. */
    readonly reasons: readonly string[];
  };
}

export interface ReportBacklogItem {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  /** Each 1 to 5. */
  readonly revenuePotential: number;
  readonly difficulty: number;
  readonly statisticalFeasibility: number;
  /** revenuePotential × statisticalFeasibility ÷ difficulty, 0.2 to 25. */
  readonly priority: number;
}

/** Everything a campaign's report says, as data. Counts and keys only: no personal data. */
export interface CampaignReport {
  readonly campaignId: string;
  readonly workflowId: string;
  readonly scenario: {
    readonly key: string;
    readonly version: number;
    readonly name: string;
    readonly owner: string;
    readonly market: string;
    readonly objective: string;
    readonly hypothesis: string;
    readonly northStar: string;
    readonly primaryMetric: {
      readonly event: string;
      readonly direction: 'increase' | 'decrease';
      readonly windowSeconds: number;
    };
  };
  readonly end: End | null;
  readonly endReason: string | null;
  readonly createdAt: string;
  readonly endedAt: string | null;
  readonly stages: readonly ReportStage[];
  /** null before the audience is frozen. */
  readonly audience: ReportAudience | null;
  readonly creatives: ReportCreatives;
  readonly approvals: readonly ReportApproval[];
  readonly deliveries: ReportDeliveries;
  /** null without a test, or before it was evaluated. */
  readonly experiment: ExperimentSummary | null;
  readonly incidents: number;
  readonly backlog: readonly ReportBacklogItem[];
}
