import type { SampleRatio } from './sample-ratio';
import type { Count } from './two-proportions';

/** Outcomes of one arm, each person once. `assigned`: everybody dealt to it, whatever the gate said. */
export interface ArmOutcome extends Count {
  readonly key: string;
  /** Name in words; the key where it is left out. */
  readonly label?: string;
  readonly weight: number;
  readonly control?: boolean;
  readonly baseline?: boolean;
  readonly assigned?: number;
}

export interface ExperimentInput {
  /** The event type counted. */
  readonly metric: string;
  readonly direction: 'increase' | 'decrease';
  readonly arms: readonly ArmOutcome[];
  readonly alpha: number;
  readonly minPerArm: number;
}

export interface ArmResult {
  readonly arm: string;
  readonly label: string;
  readonly n: number;
  readonly events: number;
  readonly rate: number;
}

export interface Comparison {
  readonly arm: string;
  readonly against: string;
  /** Rate of `arm` − rate of `against`, a share. */
  readonly difference: number;
  /** Newcombe's interval at 1 − alpha, not adjusted for the number of comparisons. */
  readonly ci: readonly [number, number];
  readonly z: number;
  readonly p: number;
  readonly pAdjusted: number;
  /** Enough events stand behind it for the z test to be believed. */
  readonly trusted: boolean;
}

export interface Evaluation {
  readonly metric: string;
  readonly health: {
    /** On everyone the gate allowed; null where there are too few to check. */
    readonly srmP: number | null;
    readonly verdict: SampleRatio['verdict'];
    readonly allowed: SampleRatio;
    /** On everybody dealt to an arm (intention-to-treat); null where not counted. */
    readonly assigned: SampleRatio | null;
  };
  readonly reference: { readonly arm: string; readonly role: 'control' | 'baseline' | 'first' };
  readonly arms: readonly ArmResult[];
  /** Each other arm against the reference, Holm-adjusted among themselves. */
  readonly comparisons: readonly Comparison[];
  /** The winner against each other arm that beat the reference, Holm-adjusted among themselves. */
  readonly amongWinners: readonly Comparison[];
  /** Difference the comparisons would have found with 80 % power, a share; null: none. */
  readonly detectable: number | null;
  readonly decision: {
    readonly action: 'ship' | 'no-winner' | 'invalid';
    readonly arm: string | null;
    readonly reasons: readonly string[];
  };
}
