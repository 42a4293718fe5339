import {
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  rootCause,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { CampaignPlan, ExperimentDecision } from '../../activities/contract';
import {
  judgeDecision,
  standingOf,
  type Decision,
  type DecisionAnswer,
} from '../../domain/approvals/decision';
import type { AudienceCounts } from '../../domain/campaigns/audience';
import { ENDS, type Hold, type Part, type Stage } from '../../domain/shared/words';
import { activities } from '../activity-groups';
import { BLOCKED_ON, STAGE } from '../search-attributes';
import { holdChangedSignal } from '../wave/contract';
import type { CampaignState } from './contract';
import { Ended } from './ended';

/** Stages in which a creative may still be revised. */
const REVISABLE: readonly Stage[] = ['define', 'audit', 'create', 'qa', 'approve'];

/** Stages in which what is left may still be mended while the campaign is held. */
const MENDABLE: readonly Stage[] = ['pilot', 'pilot-observe', 'experiment', 'evaluate', 'rollout', 'observe'];

/** What a wait does once it is over while the campaign is held. */
export type Held = 'waits' | 'goes-on';

export interface OpenApproval {
  readonly approvalId: string;
  readonly subjectHash: string;
}

/**
 * What one run of a campaign knows: the stage, the hold, the approval that waits. The stages are written against
 * this; the message handlers change it; `condition`s notice.
 */
export class CampaignRun {
  stage: Stage = 'define';
  hold: Hold = 'run';
  blockedOn: string | null = null;
  approval: OpenApproval | null = null;
  /** PostgreSQL lists an approval, or is about to, that this run has not heard of yet. */
  approvalComing = false;
  /** Set by the decision that approved, before anything is written of it. */
  approved = false;
  decisions: Decision[] = [];
  /** Grows with each revision of a creative. */
  revisions = 0;
  /** How many of them the latest round of rendering has seen. */
  renderedRevisions = 0;
  /** Workflows that send, to be told when the hold changes. */
  readonly activeWaveIds = new Set<string>();
  /** The lane of single messages sends for this campaign. */
  takesMessages = false;
  /** The round of mending that is under way: whoever needs it waits for the same one. */
  mending: Promise<void> | null = null;
  plan: CampaignPlan | null = null;
  /** Next round of creatives; part of the child's id. */
  round = 0;
  audience: AudienceCounts | null = null;
  decision: ExperimentDecision | null = null;
  /** Who revised a creative in this run: their words, so not theirs to approve. */
  readonly revisers = new Set<string>();
  private readonly handledCommands = new Set<string>();
  /** ISO 8601 ends of the waves this run sent. */
  private readonly waveEnds = new Map<string, string>();
  private readonly besides = new Map<string, 'running' | 'done'>();
  private faultBeside: Error | null = null;
  private holdWritten: Promise<void> = Promise.resolve();

  constructor(readonly campaignId: string) {}

  state(): CampaignState {
    return {
      stage: this.stage,
      hold: this.hold,
      blockedOn: this.blockedOn,
      waitingForApproval: this.approval,
    };
  }

  /** What a run begins with: what earlier runs of the same campaign left in PostgreSQL. */
  restore(plan: CampaignPlan): void {
    this.plan = plan;
    this.audience = plan.progress.audience;
    this.decision = plan.progress.experimentDecision;
    this.round = plan.progress.creativeRound;
    // A command may have arrived before the plan was read: what it said stands.
    if (this.hold === 'run') this.hold = plan.progress.hold;
    this.approvalComing = plan.progress.approvalWaits;
  }

  /** Members of a part of the frozen audience. */
  partOf(part: Part): number {
    return this.audience?.parts[part] ?? 0;
  }

  approvalStanding(): 'waiting' | 'approved' | 'rejected' {
    return standingOf(this.plan?.approval.required ?? 1, this.decisions).state;
  }

  /** Until the approval is given, nothing of it being sent or promised; then while it is held, for who is left. */
  isRevisable(): boolean {
    if (MENDABLE.includes(this.stage) && this.hold === 'paused') return true;
    return REVISABLE.includes(this.stage) && !this.approved;
  }

  /** A wave is held until a revised creative is approved: resuming it would send what nobody approved. */
  isMending(): boolean {
    const sends = this.activeWaveIds.size > 0 || this.takesMessages;
    return sends && (this.mending !== null || this.needsRendering());
  }

  /** When a wave ended, in this run or an earlier one, ISO 8601. */
  endOfWave(name: string): string | undefined {
    return this.waveEnds.get(name) ?? this.plan?.progress.waves[name];
  }

  waveEnded(name: string, endedAt: string): void {
    this.waveEnds.set(name, endedAt);
  }

  /** Runs something beside the loop, once by name; its fault is thrown where the loop waits for it. */
  beside(name: string, work: () => Promise<void>): void {
    if (this.besides.has(name)) return;
    this.besides.set(name, 'running');
    void work()
      .catch((fault: unknown) => {
        this.faultBeside ??= fault instanceof Error ? fault : new Error('unknown fault');
      })
      .finally(() => this.besides.set(name, 'done'));
  }

  besidesLeft(): number {
    return [...this.besides.values()].filter((state) => state === 'running').length;
  }

  throwFaultBeside(): void {
    if (this.faultBeside !== null) throw this.faultBeside;
  }

  needsRendering(): boolean {
    return this.revisions > this.renderedRevisions;
  }

  /** The hold as PostgreSQL has it: a command written there may not have reached this run yet. */
  async takeOver(hold: Hold): Promise<void> {
    if (this.hold === 'run') this.hold = hold;
    await this.mayGoOn();
  }

  /** True the first time a command id is seen: a command sent twice counts once. */
  isNew(commandId: string): boolean {
    if (this.handledCommands.has(commandId)) return false;
    this.handledCommands.add(commandId);
    return true;
  }

  judge(decision: Decision): DecisionAnswer {
    return judgeDecision(
      {
        authors: [...(this.plan?.authors ?? []), ...this.revisers],
        subjectHash: this.approval?.subjectHash ?? null,
        required: this.plan?.approval.required ?? 1,
        decisions: this.decisions,
      },
      decision,
    );
  }

  /** Judges and, where it counts, keeps it. The one handler behind both doors. */
  async decide(decision: Decision): Promise<DecisionAnswer> {
    // What people are shown is PostgreSQL's: it may be decided about before this run knows that it waits.
    await condition(() => this.plan !== null && !this.approvalComing);
    const answer = this.judge(decision);
    const approval = this.approval;
    const known = this.decisions.some((d) => d.decisionId === decision.decisionId);
    if (answer.outcome === 'counted' && !known) this.decisions.push(decision);
    if (approval !== null && !known) {
      await activities.short.recordDecision({
        campaignId: this.campaignId,
        approvalId: approval.approvalId,
        decision,
        outcome: answer.outcome === 'counted' ? 'counted' : answer.refusal,
      });
    }
    return answer;
  }

  async changeHold(hold: Hold): Promise<void> {
    // An abort is final: a resume that arrives after it changes nothing.
    if (this.hold === 'aborted') return;
    this.hold = hold;
    // One after the other: of a pause and a resume that cross, PostgreSQL must hold what was said last.
    const written = this.holdWritten.then(() =>
      activities.short.setHold({ campaignId: this.campaignId, hold }),
    );
    this.holdWritten = written.catch(() => undefined);
    await written;
    // A wave may just have ended: then there is nobody to tell.
    await Promise.all(
      [...this.activeWaveIds].map((id) =>
        getExternalWorkflowHandle(id)
          .signal(holdChangedSignal)
          .catch(() => undefined),
      ),
    );
  }

  /** Says why it waits, in the page, the search attribute and the Temporal UI; null: it goes on. */
  async block(on: string | null): Promise<void> {
    if (this.blockedOn === on) return;
    this.blockedOn = on;
    upsertSearchAttributes([{ key: BLOCKED_ON, value: on }]);
    this.describe();
    await activities.short.setBlockedOn({ campaignId: this.campaignId, blockedOn: on });
  }

  describe(): void {
    const waits = this.blockedOn === null ? '' : `\n\nwaiting: ${this.blockedOn}`;
    setCurrentDetails(`**${this.stage}**${waits}\n\n${this.plan?.title ?? ''}`);
  }

  /** Passes while it runs; waits while it is paused, or until `until` holds; throws Ended once it is aborted. */
  async mayGoOn(until: () => boolean = () => false): Promise<void> {
    if (this.hold === 'paused') {
      const before = this.blockedOn;
      await this.block('paused by a person');
      await condition(() => this.hold !== 'paused' || until());
      await this.block(before);
    }
    this.throwIfAborted();
  }

  throwIfAborted(): void {
    if (this.hold === 'aborted') throw new Ended('aborted', 'Aborted by a person.');
  }

  /**
   * Waits until `until` holds or the time is over, whichever is first; an abort ends it at once. A campaign that is held
   * waits on, but for what is mended: that is approved while it is held.
   */
  async wait(
    ms: number,
    summary: string,
    { until = () => false, held = 'waits' }: { until?: () => boolean; held?: Held } = {},
  ): Promise<boolean> {
    if (ms > 0) await condition(() => until() || this.hold === 'aborted', ms, { summary });
    if (held === 'waits') await this.mayGoOn();
    else this.throwIfAborted();
    return until();
  }

  /** Runs one stage, or skips it where an earlier run of this campaign already ended it. */
  async runStage(stage: Stage, work: () => Promise<StageEnd>): Promise<void> {
    const ref = { campaignId: this.campaignId, stage };
    const recorded = this.plan?.progress.stages[stage];
    if (recorded !== undefined) {
      const end = ENDS.find((e) => e === recorded);
      // An earlier run ended the campaign here and was lost before it could say so.
      if (end !== undefined) throw new Ended(end, `Ended in stage ${stage}.`);
      return;
    }
    await this.mayGoOn();
    this.stage = stage;
    upsertSearchAttributes([{ key: STAGE, value: stage }]);
    this.describe();
    await activities.short.beginStage(ref);
    try {
      const { outcome, details } = await work();
      await this.block(null);
      await activities.short.endStage({ ...ref, outcome, ...(details ? { details } : {}) });
    } catch (error) {
      const end = error instanceof Ended ? error : new Ended('failed', rootCause(error) ?? 'unknown fault');
      if (!isCancellation(error)) {
        await activities.short.endStage({ ...ref, outcome: end.end, details: { reason: end.reason } });
      }
      throw error;
    }
  }
}

export interface StageEnd {
  readonly outcome: string;
  readonly details?: Record<string, unknown>;
}

export const done = (details?: Record<string, unknown>): StageEnd => ({
  outcome: 'done',
  ...(details ? { details } : {}),
});

export const notApplicable: StageEnd = { outcome: 'not-applicable' };
