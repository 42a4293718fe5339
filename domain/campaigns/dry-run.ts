import type { Channel } from '../shared/words';
import type { AudienceCounts } from './audience';

/** What a campaign would do if it started now. Samples are pseudonymous ids. */
export interface DryRunReport {
  readonly dryRunId: string;
  readonly scenario: { readonly key: string; readonly version: number };
  readonly audience: AudienceCounts;
  /** What the gate would say to each member at this moment, by reason; a forecast, nothing is reserved. */
  readonly gate: { readonly allowed: number; readonly skipped: Readonly<Record<string, number>> };
  /** Of each later step, whom a cap would hold because of the campaign's own earlier messages. */
  readonly steps: readonly {
    readonly step: string;
    /** Whom the gate would let have the first message. */
    readonly people: number;
    readonly ownCaps: readonly {
      readonly cap: string;
      readonly people: number;
      /** Until the cap lets them go, or for good because the step's deadline comes first. */
      readonly outcome: 'waits' | 'skipped';
    }[];
  }[];
  readonly creatives: {
    readonly rendered: number;
    readonly rejected: number;
    readonly findings: readonly {
      readonly step: string;
      readonly channel: Channel;
      readonly persona: string;
      readonly arm: string;
      readonly check: string;
      readonly severity: string;
      readonly message: string;
    }[];
  };
  readonly samples: readonly {
    readonly profileId: number;
    readonly part: string;
    readonly arm: string | null;
    readonly persona: string;
  }[];
  readonly calendar: readonly {
    readonly stage: string;
    readonly startsAt: string;
    readonly endsAt: string;
  }[];
  /** Sending time alone and from start to end, at the rate assumed. */
  readonly estimate: {
    readonly messages: number;
    readonly messagesPerSecond: number;
    /** Of the waves of the last four weeks, or a planning figure where they were too few. */
    readonly pace: 'measured' | 'planning';
    readonly sendingSeconds: number;
    readonly totalSeconds: number;
  };
  readonly problems: readonly string[];
}
