import type { Way } from '../campaigns/arm-ways';
import type { Declared } from '../experiments/beside-words';
import type { Evaluation } from '../experiments/evaluation';
import type { Exclusion } from '../experiments/exclusion';
import type { Guardrail } from '../experiments/guardrail';
import type { PersonaEffects } from '../experiments/persona-effects';
import type { OriginalTest } from '../experiments/replication';
import type { CampaignReport } from './report-data';

export interface ArmFacts {
  readonly key: string;
  readonly label: string;
  readonly control: boolean;
  readonly baseline: boolean;
  readonly weight: number;
  readonly subject: string;
  /** How it goes out otherwise than the scenario says. */
  readonly way: Way;
}

/** A QA finding that keeps coming back: in how many campaigns of the brand, and creatives of this one. */
export interface RecurringFinding {
  readonly check: string;
  readonly severity: string;
  readonly campaigns: number;
  readonly creatives: number;
}

/** A guardrail held the campaign. */
export interface GuardrailPause {
  readonly at: Date;
  readonly message: string;
  /** Messages that had gone when nothing more was handed over. */
  readonly gone: number;
}

/**
 * Everything the improvement loop learns from, gathered once. Report, test-log entry and backlog items are pure
 * functions of it. Counts and keys only.
 */
export interface CampaignFacts {
  /** Without its backlog, which is made from these facts. */
  readonly report: CampaignReport;
  readonly segment: string;
  readonly personas: readonly string[];
  readonly arms: readonly ArmFacts[];
  readonly pilotArea: string | null;
  /** null: the scenario has no test. */
  readonly experiment:
    | ({
        readonly testShare: number;
        readonly alpha: number;
        readonly minPerArm: number;
        readonly exclusion?: Exclusion | undefined;
        readonly onNoWinner: 'stop-without-sending' | 'baseline' | 'cheapest';
      } & Declared)
    | null;
  /** How a live campaign was challenged; null: it was not. */
  readonly challenge: string | null;
  /** The test it repeats; null: none. */
  readonly original: OriginalTest | null;
  /** null: not evaluated. */
  readonly evaluation: Evaluation | null;
  /** How often the test was looked at. */
  readonly looks: number;
  /** Of the winner, else of the best arm, against the reference; null without an evaluation. */
  readonly personaEffects: PersonaEffects | null;
  readonly pauses: readonly GuardrailPause[];
  /** Over all waves together. */
  readonly guardrails: readonly Guardrail[];
  readonly recurringFindings: readonly RecurringFinding[];
  /** Rows of the persona matrix this campaign did not target. */
  readonly otherPersonas: readonly string[];
  /** Other markets that have people. */
  readonly otherMarkets: readonly { readonly market: string; readonly people: number }[];
}
