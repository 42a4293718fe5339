/**
 * Every activity's signature, part by part: what the workflows call and the factories of each part implement.
 * One object argument and ids and counts only (no personal data in Temporal). Each can be run again with the same
 * argument: its comment says what makes that safe.
 */
import type { Action } from '../domain/experiments/evaluation';
import type { AudienceCounts, DeliveryCounts } from '../domain/campaigns/audience';
import type { DryRunReport } from '../domain/campaigns/dry-run';
import type { Decision } from '../domain/approvals/decision';
import type { Guardrail } from '../domain/experiments/guardrail';
import type { Channel, End, Hold, Part, Stage } from '../domain/shared/words';

/** The part of a scenario the workflow steers by, and what earlier runs of the same campaign already recorded. */
export interface CampaignPlan {
  readonly campaignId: string;
  readonly scenarioKey: string;
  readonly title: string;
  readonly market: string;
  readonly department: string;
  /** Whoever wrote the scenario, started the campaign or revised its words: none of them may approve it. */
  readonly authors: readonly string[];
  readonly kind: 'batch' | 'continuous' | 'triggered';
  /** Steps after the first message. */
  readonly steps: readonly { readonly key: string; readonly after: string; readonly afterSeconds: number }[];
  /** Who comes to match after the freeze is let in before each wave of the roll-out. */
  readonly intakeOpen: boolean;
  /** Of a continuous or triggered campaign: how long it takes people or messages. */
  readonly periodSeconds: number;
  /** Of a continuous one: how often who entered is looked for. */
  readonly everySeconds: number;
  readonly approval: {
    readonly required: number;
    readonly deadlineSeconds: number;
    readonly remindSeconds: number;
    readonly tolerance: number;
  };
  readonly pilot: {
    readonly observeSeconds: number;
    /** It is also judged by what its area is used to; left out: no. */
    readonly byHistory?: boolean;
  } | null;
  readonly experiment: {
    readonly windowSeconds: number;
    readonly onNoWinner: 'stop-without-sending' | 'baseline' | 'cheapest';
    /** Evenly spaced within the window, before its end. */
    readonly earlyLooks: number;
    /** Cumulative shares; left out, one wave. */
    readonly waves?: readonly number[];
    /** Left out, at once. */
    readonly lookAfterSeconds?: number;
  } | null;
  /** Waves as cumulative shares; each waits until the one before it has been looked at. */
  readonly rollout: {
    readonly waves: readonly number[];
    readonly lookAfterSeconds?: number;
    readonly observeSeconds: number;
  };
  readonly waveDeadlineSeconds: number;
  /** The arm everybody gets where there is no test, and the fallback of a test without winner. */
  readonly defaultArm: string;
  readonly baselineArm: string | null;
  readonly progress: CampaignProgress;
}

/** Read from PostgreSQL: a workflow started again (a lost Temporal store) goes on from here. */
export interface CampaignProgress {
  readonly hold: Hold;
  /** Stages that have ended, with their outcome. */
  readonly stages: Readonly<Partial<Record<Stage, string>>>;
  readonly audience: AudienceCounts | null;
  readonly approvedHash: string | null;
  /** An approval is listed as waiting. */
  readonly approvalWaits: boolean;
  /** Decisions counted so far on the approval that waits. */
  readonly decisions: readonly Decision[];
  readonly experimentDecision: ExperimentDecision | null;
  /** ISO 8601 ends of the waves that are complete. */
  readonly waves: Readonly<Record<string, string>>;
  readonly creativeRound: number;
  /** ISO 8601; null: not yet. A period is counted from there. */
  readonly rolloutStartedAt: string | null;
}

export interface ExperimentDecision {
  readonly action: Action;
  readonly arm: string | null;
  readonly reasons: readonly string[];
}

export interface CampaignRef {
  readonly campaignId: string;
}

export interface CampaignsActivities {
  /** Reads only. */
  loadPlan(input: CampaignRef): Promise<CampaignPlan>;
  /** Upsert: the first start of a stage keeps its time. */
  beginStage(input: CampaignRef & { stage: Stage }): Promise<void>;
  /** Writes the end once; a second call changes nothing. */
  endStage(
    input: CampaignRef & { stage: Stage; outcome: string; details?: Record<string, unknown> },
  ): Promise<void>;
  setBlockedOn(input: CampaignRef & { blockedOn: string | null }): Promise<void>;
  setHold(input: CampaignRef & { hold: Hold }): Promise<void>;
  /** Writes the end once; a second call changes nothing. */
  endCampaign(input: CampaignRef & { end: End; reason: string }): Promise<void>;
  /** Freezes once, in one statement; a second call answers the stored counts. */
  freezeAudience(input: CampaignRef): Promise<AudienceCounts>;
  /**
   * Inserts who came to match since, by the same hash; who is in already is not inserted again, and nobody comes into a
   * wave that is planned. `wave`, `buckets`: the wave of the roll-out that is about to be sent.
   */
  takeIn(
    input: CampaignRef & {
      readonly wave?: string;
      readonly buckets?: { readonly from: number; readonly to: number };
    },
  ): Promise<{ audience: AudienceCounts; approvedMembers: number }>;
  /** Service messages of a triggered campaign that have not ended. Reads only. */
  messagesLeft(input: CampaignRef): Promise<{ left: number }>;
  /**
   * Compares the segment with who was in it and takes in who entered, so many at once; `more`: the next call takes in
   * others. Nobody is taken in twice.
   */
  enterPeople(input: CampaignRef): Promise<{ entered: number; more: boolean }>;
  /** Which attributes the rules read, and which of them the targeting policy refuses. Reads only. */
  auditAudience(input: CampaignRef): Promise<{
    used: string[];
    refused: string[];
    /** Why the test would be too small to be read; null: it is not. */
    tooSmall: string | null;
  }>;
  /** Makes and starts the campaign of one firing of a schedule: its id comes from the firing, so once. */
  startScheduled(input: { scheduleRowId: string; firing: string }): Promise<{ campaignId: string }>;
  /** Everything but sending; writes the report only. */
  dryRun(input: {
    dryRunId: string;
    scenarioKey: string;
    scenarioVersion: number;
    by: string;
  }): Promise<DryRunReport>;
}

export interface CreativeTask {
  readonly step: string;
  readonly channel: Channel;
  readonly persona: string;
  readonly arm: string;
}

export interface CreativesActivities {
  /** persona × arm still to be rendered: none yet, or the last revision was rejected and has been revised since. */
  planCreatives(input: CampaignRef): Promise<CreativeTask[]>;
  /** Renders, stores by content hash and runs the QA registry. The same inputs give the same hash: stored once. */
  renderCreative(
    input: CampaignRef & CreativeTask,
  ): Promise<{ creativeId: number; status: 'passed' | 'reject'; blocking: number; warnings: number }>;
  /** Counts of the latest revisions, and the hash of exactly what an approver would see. Reads only. */
  creativesSummary(
    input: CampaignRef,
  ): Promise<{ rendered: number; rejected: number; findings: number; subjectHash: string }>;
}

export interface ApprovalsActivities {
  /** One approval per (campaign, subject hash); asking again answers the same. One for another subject is void then. */
  requestApproval(
    input: CampaignRef & { subjectHash: string; deadlineSeconds: number },
  ): Promise<{ approvalId: string; deadlineAt: string }>;
  /** Posts the request where nobody has yet and it still waits, with its pictures. */
  announceApproval(input: CampaignRef & { approvalId: string }): Promise<void>;
  remindApproval(input: CampaignRef & { approvalId: string }): Promise<void>;
  /** Insert by decision id: once. */
  recordDecision(
    input: CampaignRef & { approvalId: string; decision: Decision; outcome: string },
  ): Promise<void>;
  /** Sets the state and takes the buttons off the Slack message. */
  closeApproval(
    input: CampaignRef & {
      approvalId: string;
      state: 'approved' | 'rejected' | 'expired' | 'void';
      words: string;
    },
  ): Promise<void>;
}

export interface Shard {
  readonly index: number;
  /** Profile ids [from, to). */
  readonly from: number;
  readonly to: number;
}

export interface WaveRef extends CampaignRef {
  readonly step: string;
  readonly wave: string;
}

/** Whom a wave is for. */
export interface WavePlanInput extends WaveRef {
  readonly part: Part;
  /** The arm everybody of the wave gets; left out, each gets their own. */
  readonly arm?: string;
  readonly buckets: { readonly from: number; readonly to: number };
  readonly shardSize?: number;
}

export interface DeliveryActivities {
  /**
   * Writes the wave's row once and cuts it into shards; a second call answers the same cut, and keeps the first
   * deadline (ISO 8601).
   */
  planWave(
    input: WavePlanInput & { readonly deadlineAt?: string },
  ): Promise<{ planned: number; shards: Shard[] }>;
  /**
   * Claims, gates, personalises, hands over and records until the shard has nothing left to do now. Safe to repeat:
   * the ledger's key is (campaign, step, profile); an advisory lock fences an attempt that is still alive; what a
   * dead attempt left `sending` becomes `uncertain`, unless its provider knows a message again by its key; what it
   * left `claimed` is planned again. `breaker`: a provider failed so often in a row that a person should look.
   */
  sendShard(
    input: WaveRef & {
      shard: Shard;
      deadlineAt: string;
      /** Whoever entered a continuous campaign and is owed a message, with any id: one shard. */
      entries?: boolean;
    },
  ): Promise<{ stopped: 'done' | 'paused' | 'aborted' | 'breaker' }>;
  /** The shards of a wave that hold somebody whose time comes before then (ISO 8601). Reads only. */
  dueShards(input: WavePlanInput & { readonly before: string }): Promise<{ shards: Shard[] }>;
  /** Whether the wave will miss its deadline at the rate of its ledger, in words. Reads only. */
  judgeDeadline(input: WaveRef): Promise<{ late: boolean; words: string }>;
  /**
   * After a round of a continuous campaign: notes which messages of a step have ended, and answers how many are open.
   * `late`: of those, how many were due more than `lateAfterSeconds` ago, in words too. A second call notes nothing new.
   */
  noteEntries(
    input: WaveRef & { readonly lateAfterSeconds: number },
  ): Promise<{ open: number; late: number; words: string }>;
  /** From the ledger. `nextAt`: when the earliest deferred row may go, ISO 8601, null if none is deferred. */
  waveCounts(input: WaveRef): Promise<DeliveryCounts & { nextAt: string | null }>;
  /** Stamps the end, once. */
  closeWave(input: WaveRef): Promise<{ endedAt: string }>;
  /**
   * Settles everybody left in the open waves of an aborted campaign and stamps the waves' ends; a second call finds
   * nothing to do. Fails, to be tried again, while an attempt that is alive still has messages on the wire.
   */
  closeAborted(input: CampaignRef): Promise<void>;
}

export interface ExperimentsActivities {
  /**
   * Guardrails and delivery of the last days of a campaign that goes on for long, since the last time it was stopped for
   * them. Reads only.
   */
  judgeRecent(input: CampaignRef): Promise<{ ok: boolean; guardrails: Guardrail[]; words: string }>;
  /** Guardrails and delivery of what the wave has sent so far. Reads only. */
  judgeWave(input: WaveRef): Promise<{ ok: boolean; guardrails: Guardrail[]; words: string }>;
  /** The pilot against what was sent to its area before. Reads only. */
  judgePilot(input: CampaignRef): Promise<{ ok: boolean; words: string }>;
  /** The arm whose messages cost the least in the test. Reads only. */
  cheapestArm(input: CampaignRef): Promise<{ arm: string }>;
  /** Counts outcomes, evaluates, stores inputs and result under `look`; a second call answers what is stored. */
  evaluate(input: CampaignRef & { look: number }): Promise<ExperimentDecision>;
}

export interface GuardrailsActivities {
  /**
   * Looks at what the campaign's waves have sent, several times a second while one of them is sending, until a guardrail is
   * crossed, the campaign has ended (`over`), or an hour has passed (`within`). Judged from the start, or from when the
   * campaign was last held for a guardrail. Reads only.
   */
  watchGuardrails(input: CampaignRef): Promise<Watched>;
}

export interface Watched {
  readonly state: 'crossed' | 'within' | 'over';
  readonly guardrails: Guardrail[];
  readonly words: string;
}

export interface ImprovementActivities {
  /** Writes report, test-log entry and backlog items once, then regenerates the knowledge folder. */
  learn(input: CampaignRef & { end: End; reason: string }): Promise<{ backlogItems: number }>;
}

export interface IncidentsActivities {
  /** One incident per (campaign, kind); posts to Slack once. */
  openIncident(
    input: CampaignRef & { kind: string; message: string; details?: Record<string, unknown> },
  ): Promise<void>;
}

export interface ProfilesActivities {
  /** Reads the staged bytes in order; a second run changes nothing that is already in. Heartbeats rows done. */
  runImport(input: {
    importId: string;
  }): Promise<{ rows: number; created: number; merged: number; rejected: number }>;
}
