import type { BetaBinomial } from './beta-binomial';
import type { CovariateSums } from './cuped-of-shares';
import type { GroupEffects } from './declared-groups';
import type { FactorEffects } from './factors';
import type { ArmSends } from './funnel';
import type { Interaction } from './interactions';
import type { RevenueEffects } from './revenue';
import type { Moments } from './means';
import type { MetricEffects } from './other-metrics';
import type { ArmGuardrail, ArmGuardrailCount } from './arm-guardrails';
import type { RelativeLift } from './relative-lift';
import type { SampleRatio } from './sample-ratio';
import type { Variant } from './sensitivity';
import type { Count } from './two-proportions';

/** What an arm is, whatever is counted in it. */
export interface ArmTerms {
  readonly key: string;
  /** Name in words; the key where it is left out. */
  readonly label?: string;
  readonly weight: number;
  readonly control?: boolean;
  readonly baseline?: boolean;
  /** The choices it is made of. */
  readonly factors?: Readonly<Record<string, string>>;
  /** Everybody dealt to it, whatever the gate said. */
  readonly assigned?: number;
  /** People whose outcome is not known; they are not among n. */
  readonly missing?: number;
}

/** People of one arm, and who of them had the event; each once. */
export type ShareArm = ArmTerms &
  Count & {
    /** What was known of its people before the test. */
    readonly before?: CovariateSums;
  };

/** People of one arm and an amount of each: what they spent, what they scored. */
export type MeanArm = ArmTerms &
  Moments & {
    /** The amounts themselves, where they are at hand. */
    readonly values?: readonly number[];
    /** Of the same people in the same order, from before the test. */
    readonly covariate?: readonly number[];
  };

export type ArmOutcome = ShareArm | MeanArm;

export const isShare = (arm: ArmOutcome): arm is ShareArm => 'events' in arm;

export interface ExperimentInput {
  /** The event type or the amount counted. */
  readonly metric: string;
  readonly direction: 'increase' | 'decrease';
  /** All of shares, or all of means. */
  readonly arms: readonly ArmOutcome[];
  readonly alpha: number;
  readonly minPerArm: number;
  readonly power?: number;
  /** People the smallest arm was planned with; left out: the test was not sized. */
  readonly plannedPerArm?: number;
  /**
   * `early`: more is to come, so that only what holds at every look may end it. `final`: the end that was planned. Left out,
   * final.
   */
  readonly look?: 'early' | 'final';
  /** Early looks were planned: alpha is shared between them and the end. */
  readonly earlyLooks?: boolean;
  /** Amounts above this quantile of all arms together count as it, 0.5…1; left out, all count as they are. */
  readonly winsoriseAt?: number;
  /** Takes out what the covariate foretold. */
  readonly cuped?: boolean;
  /** Posterior probabilities beside the tests; of shares. */
  readonly bayes?: boolean;
  readonly guardrails?: readonly ArmGuardrailCount[];
  /** People who got more than one arm. */
  readonly exposedTwice?: number;
}

export interface ArmResult {
  readonly arm: string;
  readonly label: string;
  readonly n: number;
  /** null: an amount is measured. */
  readonly events: number | null;
  /** Share of people with the event, or the mean amount. */
  readonly rate: number;
}

export type TestName = 'chi-square' | 'two-proportion-z' | 'welch' | 'mann-whitney' | 'welch-cuped';

export interface TestResult {
  readonly name: TestName;
  readonly statistic: number;
  /** null: the test has none. */
  readonly df: number | null;
  /** Two-sided, never 0. */
  readonly p: number;
}

export interface Comparison {
  readonly arm: string;
  readonly against: string;
  /** Rate of `arm` − rate of `against`: a share, or an amount. */
  readonly difference: number;
  /** Of the difference at 1 − alpha (Newcombe's of shares, Welch's of means), not adjusted for the number of comparisons. */
  readonly ci: readonly [number, number];
  /** Of the test that decides at the end: z of shares, t of means. */
  readonly z: number;
  /** Of what decides at this look: the fixed-horizon test at the end, before it the always-valid p. */
  readonly p: number;
  /** Adjusted for the comparisons (Holm), and for alpha being shared between looks. */
  readonly pAdjusted: number;
  /** The same by Benjamini and Hochberg: the share of such findings that would be false. */
  readonly qAdjusted: number;
  /** Enough stands behind it for the test to be believed. */
  readonly trusted: boolean;
  /** null: there is nothing in the reference to be more than. */
  readonly relative: RelativeLift | null;
  /** Every test that applies. */
  readonly tests: readonly TestResult[];
  /** Holds at every look. `planned`: people of both arms it is narrowest at. */
  readonly alwaysValid: {
    readonly ci: readonly [number, number];
    readonly p: number;
    readonly planned: number;
  };
  readonly bayes: BetaBinomial | null;
}

export interface HealthCheck {
  readonly name: 'sample-ratio' | 'missing-outcomes' | 'outliers' | 'covariate' | 'double-exposure';
  readonly verdict: 'ok' | 'warn' | 'fail' | 'skipped';
  readonly words: string;
}

export const ACTIONS = ['ship', 'stop', 'keep-running', 'no-winner', 'review', 'invalid'] as const;
export type Action = (typeof ACTIONS)[number];

export interface Evaluation {
  readonly metric: string;
  readonly health: {
    /** On everyone the gate allowed, of what decides at this look; null where there are too few to check. */
    readonly srmP: number | null;
    readonly verdict: SampleRatio['verdict'];
    readonly allowed: SampleRatio;
    /** On everybody dealt to an arm (intention-to-treat); null where not counted. */
    readonly assigned: SampleRatio | null;
    /** p of the sample ratio that holds at every look. */
    readonly anytimeP: number;
    readonly checks: readonly HealthCheck[];
  };
  readonly reference: { readonly arm: string; readonly role: 'control' | 'baseline' | 'first' };
  readonly arms: readonly ArmResult[];
  /** Each other arm against the reference, adjusted among themselves. */
  readonly comparisons: readonly Comparison[];
  /** The winner against each other arm that beat the reference, adjusted among themselves. */
  readonly amongWinners: readonly Comparison[];
  /** Difference the comparisons would have found with the planned power, of the metric's kind; null: none. */
  readonly detectable: number | null;
  readonly guardrails: readonly ArmGuardrail[];
  /** Of a campaign's test, what became of its messages. */
  readonly sends?: readonly ArmSends[];
  /** Of a campaign's test, what its scenario had counted beside the primary metric: nothing is decided by it. */
  readonly otherMetrics?: readonly MetricEffects[];
  /** Likewise, the primary metric in the groups that were declared. */
  readonly groups?: readonly GroupEffects[];
  /** What each arm brought and cost beyond the reference; likewise. */
  readonly revenue?: RevenueEffects;
  /** What each choice does that arms are made of; at the end alone, and likewise. */
  readonly factors?: FactorEffects;
  /** What would have been decided, had one thing been otherwise; at the end alone. */
  readonly sensitivity?: readonly Variant[];
  /** Whether effects hang on the arms of other tests that shared people; likewise. */
  readonly interactions?: readonly Interaction[];
  readonly decision: {
    readonly action: Action;
    readonly arm: string | null;
    readonly reasons: readonly string[];
    /** What a winner was told by. */
    readonly by: 'fixed-horizon' | 'always-valid';
  };
}

/** Shares of people are counted, not amounts. */
export const isOfShares = ({ arms }: Pick<Evaluation, 'arms'>): boolean =>
  arms.some(({ events }) => events !== null);
