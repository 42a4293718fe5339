import type { Exclusion } from '../experiments/exclusion';
import type { ExplainedClause } from '../segments/explain-rule';
import type { Channel, DeliveryState } from '../shared/words';

export interface ConsentProof {
  readonly eventId: number;
  readonly action: string;
  readonly purpose: string;
  readonly channel: string;
  readonly at: Date;
  readonly expiresAt: Date | null;
  readonly source: string;
  readonly legalBasis: string;
  readonly wordingSha256: string | null;
}

export interface ExplainedDelivery {
  readonly id: number;
  /** The profile it was sent to, where that one was merged into the one explained since; null: that one itself. */
  readonly mergedId: number | null;
  readonly step: string;
  readonly wave: string;
  readonly channel: Channel;
  readonly arm: string;
  readonly state: DeliveryState;
  readonly code: string | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly gatedAt: Date;
  readonly notBefore: Date | null;
  readonly settledAt: Date | null;
  /** What the gate found about consent; null: the message needs none, or none was ever said. */
  readonly consent: ConsentProof | null;
  /** Times the gate put it off before it last looked, the earliest first. */
  readonly looks: readonly {
    readonly at: Date;
    readonly reason: string;
    readonly until: Date | null;
    readonly channel: Channel;
  }[];
  /** When it was counted among the contacts that caps hold; null: it is not. */
  readonly contactAt: Date | null;
  readonly events: readonly { readonly type: string; readonly at: Date }[];
}

/** Everything kept about one person and one campaign. Deliveries are also those of whoever was merged into the profile. */
export interface ExplanationFacts {
  readonly frozenAt: Date | null;
  readonly member: {
    readonly part: string;
    readonly arm: string | null;
    readonly persona: string;
    /** A wave that covers their place has been planned. */
    readonly planned: boolean;
  } | null;
  /**
   * Of somebody outside the audience, judged as things stand now, since a freeze keeps only its counts; null: a member,
   * or the rules cannot be read any more.
   */
  readonly outside: { readonly matches: boolean; readonly reason: string | null } | null;
  /** Set where the profile stands for nobody any more: the one it was merged into. */
  readonly mergedInto: number | null;
  /** The segment's rule, then each persona's, as the audience was made of them, over the person as they are now. */
  readonly rules: readonly {
    readonly kind: 'segment' | 'persona';
    readonly key: string;
    readonly version: number;
    readonly holds: boolean;
    readonly why: ExplainedClause;
  }[];
  /** What each holdout draws for them, in [0, 1): below `share` they are held out. */
  readonly holdouts: readonly {
    readonly key: string;
    readonly salt: string;
    readonly share: number;
    readonly drew: number;
    readonly held: boolean;
  }[];
  /** What the campaign's seed draws for them, in [0, 1); null where the rules cannot be read any more. */
  readonly draw: {
    readonly part: number;
    readonly arm: number;
    readonly bucket: number;
    /** What the test is stratified by; empty: the hash alone says the arm. */
    readonly stratifyBy: string[];
    /** Where they lie in the test's exclusion group, and which part of it is the test's; left out: it is in none. */
    readonly exclusion?: Exclusion & { readonly drew: number };
  } | null;
  /** Waves that include their place, in the order they were planned. */
  readonly waves: readonly {
    readonly step: string;
    readonly wave: string;
    readonly startedAt: Date;
    readonly deadlineAt: Date | null;
  }[];
  /** Caps that held them back, with the contacts of the cap's window at that time. */
  readonly caps: readonly {
    readonly key: string;
    readonly at: Date;
    /** As the cap stands now; null: it was taken away since, or has no such thing. */
    readonly limit: number | null;
    readonly windowDays: number | null;
    readonly contacts: readonly {
      readonly at: Date;
      readonly nature: string;
      readonly channel: string;
      readonly department: string;
      readonly campaignId: string | null;
    }[];
  }[];
  /** Of the control arm: what the gate would have said. */
  readonly control: readonly {
    readonly step: string;
    readonly arm: string;
    readonly allowed: boolean;
    readonly reason: string | null;
    readonly gatedAt: Date;
  }[];
  readonly deliveries: readonly ExplainedDelivery[];
  readonly suppressions: readonly { readonly scope: string; readonly reason: string; readonly at: Date }[];
}
