import {
  CancellationScope,
  executeChild,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { CampaignPlan, ExperimentDecision } from '../../activities/contract';
import type { Part } from '../../domain/shared/words';
import { activities } from '../activity-groups';
import { CAMPAIGN_QUEUE } from './contract';
import type { creativesWorkflow } from '../creatives/workflow';
import { CREATIVES_WORKFLOW, creativesWorkflowId } from '../creatives/contract';
import type { waveWorkflow } from '../wave/workflow';
import { WAVE_WORKFLOW, waveWorkflowId } from '../wave/contract';
import { Ended } from './ended';
import { done, notApplicable, type CampaignRun, type StageEnd } from './run';

const { short, analytics, rendering } = activities;
const BUCKETS = 10_000;

/** Renders until nothing is left to render and nothing is rejected; a rejected creative waits for its revision. */
async function renderUntilPassed(run: CampaignRun): Promise<StageEnd> {
  for (;;) {
    // Also what was revised while an earlier round was being rendered.
    if (run.needsRendering()) await render(run);
    const { rendered, rejected, findings } = await rendering.creativesSummary({ campaignId: run.campaignId });
    if (run.needsRendering()) continue;
    if (rejected === 0) return done({ rendered, rejected, findings });
    await run.block(`${rejected} creative(s) rejected by QA, to be revised`);
    await run.wait(365 * 86_400_000, 'waiting for a revision', () => run.needsRendering());
    await run.block(null);
  }
}

async function render(run: CampaignRun): Promise<void> {
  const round = run.round++;
  // Before, not after: what is revised while it renders is rendered again.
  run.renderedRevisions = run.revisions;
  await executeChild<typeof creativesWorkflow>(CREATIVES_WORKFLOW, {
    workflowId: creativesWorkflowId(run.campaignId, round),
    taskQueue: CAMPAIGN_QUEUE,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    args: [{ campaignId: run.campaignId }],
    staticSummary: `creatives, round ${round + 1}`,
  });
}

export async function define(run: CampaignRun): Promise<StageEnd> {
  const counts = await analytics.freezeAudience({ campaignId: run.campaignId });
  run.audience = counts;
  if (counts.members === 0)
    throw new Ended('stopped', 'Nobody is left in the audience after the exclusions.');
  return done({ matched: counts.matched, members: counts.members, holdout: counts.holdout });
}

export async function audit(run: CampaignRun): Promise<StageEnd> {
  const { used, refused } = await analytics.auditAudience({ campaignId: run.campaignId });
  if (refused.length > 0) {
    throw new Ended('stopped', `The targeting policy does not allow: ${refused.join(', ')}.`);
  }
  return done({ used });
}

export async function create(run: CampaignRun): Promise<StageEnd> {
  await render(run);
  return done();
}

export const qa = renderUntilPassed;

export async function approve(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  for (;;) {
    await renderUntilPassed(run);
    const { subjectHash } = await rendering.creativesSummary({ campaignId: run.campaignId });
    // Approved just before an earlier run of this campaign was lost: nobody is asked twice.
    if (plan.progress.approvedHash === subjectHash) return done({ subjectHash });
    const { approvalId, deadlineAt } = await short.requestApproval({
      campaignId: run.campaignId,
      subjectHash,
      deadlineSeconds: plan.approval.deadlineSeconds,
    });
    // Decisions on this very approval survive a restart of the campaign from PostgreSQL.
    run.decisions = plan.progress.decisions.filter((d) => d.subjectHash === subjectHash);
    run.approval = { approvalId, subjectHash };
    const end = await decided(run, plan, approvalId, deadlineAt);
    if (end !== null) return end;
  }
}

/** Waits for one approval and closes it, whatever comes; null: a creative was revised, and a new version is asked for. */
async function decided(
  run: CampaignRun,
  plan: CampaignPlan,
  approvalId: string,
  deadlineAt: string,
): Promise<StageEnd | null> {
  const close = async (state: 'approved' | 'rejected' | 'expired' | 'void', words: string): Promise<void> => {
    run.approval = null;
    await short.closeApproval({ campaignId: run.campaignId, approvalId, state, words });
  };
  const subjectHash = run.approval?.subjectHash ?? '';
  let outcome: Awaited<ReturnType<typeof waitForDecision>>;
  try {
    await run.block('approval');
    outcome = await waitForDecision(run, plan, deadlineAt);
    await run.block(null);
  } catch (error) {
    // Aborted or cancelled: the buttons in Slack must not look as if a click still counted.
    await CancellationScope.nonCancellable(() => close('void', 'The campaign was stopped.'));
    throw error;
  }

  const by = run.decisions.map((d) => d.by).join(', ');
  switch (outcome) {
    case 'approved':
      run.approved = true;
      await close('approved', `Approved by ${by}.`);
      return done({ by, subjectHash });
    case 'rejected': {
      const reason = run.decisions.find((d) => d.decision === 'reject')?.reason;
      const words = `Rejected by ${by}${reason ? `: ${reason}` : ''}.`;
      await close('rejected', words);
      throw new Ended('rejected', words);
    }
    case 'expired':
      await close('expired', 'Nobody decided before the deadline.');
      throw new Ended('expired', 'Nobody decided before the deadline.');
    case 'revised':
      await close('void', 'A creative was revised: a new version follows.');
      run.decisions = [];
      return null;
  }
}

async function waitForDecision(
  run: CampaignRun,
  plan: CampaignPlan,
  deadlineAt: string,
): Promise<'approved' | 'rejected' | 'expired' | 'revised'> {
  const standing = () => run.approvalStanding();
  const changed = () => standing() !== 'waiting' || run.needsRendering();
  for (;;) {
    const leftMs = Date.parse(deadlineAt) - Date.now();
    if (leftMs <= 0 && !changed()) return 'expired';
    const reminderMs = Math.min(leftMs, plan.approval.remindSeconds * 1_000);
    if (await run.wait(reminderMs, 'waiting for an approval', changed)) {
      const now = standing();
      return now === 'waiting' ? 'revised' : now;
    }
    const approval = run.approval;
    if (approval && reminderMs < leftMs) {
      await short.remindApproval({ campaignId: run.campaignId, approvalId: approval.approvalId });
    }
  }
}

/** Sends one wave of what was approved; a wave that does not add up is an incident. Answers when it ended. */
async function sendWave(
  run: CampaignRun,
  plan: CampaignPlan,
  wave: { name: string; part: Part; arm?: string; buckets?: { from: number; to: number } },
): Promise<string> {
  const known = plan.progress.waves[wave.name];
  if (known !== undefined) return known;
  await run.mayGoOn();
  await refuseUnapproved(run);

  const workflowId = waveWorkflowId(run.campaignId, plan.step, wave.name);
  run.activeWaveId = workflowId;
  const { outcome } = await executeChild<typeof waveWorkflow>(WAVE_WORKFLOW, {
    workflowId,
    taskQueue: CAMPAIGN_QUEUE,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    args: [
      {
        campaignId: run.campaignId,
        step: plan.step,
        wave: wave.name,
        part: wave.part,
        ...(wave.arm ? { arm: wave.arm } : {}),
        buckets: wave.buckets ?? { from: 0, to: BUCKETS },
        deadlineSeconds: plan.waveDeadlineSeconds,
      },
    ],
    staticSummary: `wave ${wave.name}`,
  });
  run.activeWaveId = null;
  if (outcome === 'aborted') {
    // The hold in PostgreSQL said so; the command itself may still be on its way.
    run.hold = 'aborted';
    throw new Ended('aborted', 'Aborted by a person.');
  }
  if (outcome === 'incomplete') {
    await short.openIncident({
      campaignId: run.campaignId,
      kind: `wave-incomplete.${wave.name}`,
      message: `Wave ${wave.name} does not add up: some deliveries are in no final state.`,
    });
    throw new Ended('failed', `Wave ${wave.name} does not add up.`);
  }
  await run.mayGoOn();
  const { endedAt } = await activities.ledger.closeWave({
    campaignId: run.campaignId,
    step: plan.step,
    wave: wave.name,
  });
  return endedAt;
}

/** Exactly what was approved is sent: the hash is computed again before each wave. */
async function refuseUnapproved(run: CampaignRun): Promise<void> {
  const [{ subjectHash }, { progress }] = await Promise.all([
    rendering.creativesSummary({ campaignId: run.campaignId }),
    short.loadPlan({ campaignId: run.campaignId }),
  ]);
  await run.takeOver(progress.hold);
  if (progress.approvedHash === subjectHash) return;
  await short.openIncident({
    campaignId: run.campaignId,
    kind: 'not-what-was-approved',
    message: 'Creatives, audience or plan differ from what was approved: nothing more is sent.',
  });
  throw new Ended('stopped', 'Creatives, audience or plan differ from what was approved.');
}

/** Stops the campaign, with an incident, where a guardrail of the wave is crossed. */
async function judge(run: CampaignRun, plan: CampaignPlan, wave: string): Promise<Record<string, unknown>> {
  const verdict = await short.judgeWave({ campaignId: run.campaignId, step: plan.step, wave });
  if (!verdict.ok) {
    await short.openIncident({
      campaignId: run.campaignId,
      kind: `guardrail.${wave}`,
      message: verdict.words,
      details: { guardrails: verdict.guardrails },
    });
    throw new Ended('stopped', verdict.words);
  }
  return { words: verdict.words, guardrails: verdict.guardrails };
}

const msUntil = (endedAt: string, afterSeconds: number): number =>
  Date.parse(endedAt) + afterSeconds * 1_000 - Date.now();

export async function pilot(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  if (plan.pilot === null || run.partOf('pilot') === 0) return notApplicable;
  run.pilotEndedAt = await sendWave(run, plan, { name: 'pilot', part: 'pilot', ...armOf(plan) });
  return done();
}

export async function pilotObserve(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const endedAt = run.pilotEndedAt ?? plan.progress.waves['pilot'];
  if (plan.pilot === null || endedAt === undefined || run.partOf('pilot') === 0) return notApplicable;
  await run.block('observing the pilot');
  await run.wait(msUntil(endedAt, plan.pilot.observeSeconds), 'observing the pilot');
  return done(await judge(run, plan, 'pilot'));
}

export async function experiment(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  if (plan.experiment === null || run.partOf('test') === 0) return notApplicable;
  run.testEndedAt = await sendWave(run, plan, { name: 'test', part: 'test' });
  return done();
}

export async function evaluate(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const endedAt = run.testEndedAt ?? plan.progress.waves['test'];
  if (plan.experiment === null || endedAt === undefined || run.partOf('test') === 0) return notApplicable;
  await run.block('observing the test');
  await run.wait(msUntil(endedAt, plan.experiment.windowSeconds), 'observing the test');
  await run.block(null);
  const guardrails = await judge(run, plan, 'test');
  run.decision = await analytics.evaluate({ campaignId: run.campaignId, look: 1 });
  const words = run.decision.reasons.join(' ');
  if (run.decision.action === 'invalid') {
    await short.openIncident({ campaignId: run.campaignId, kind: 'experiment-invalid', message: words });
    throw new Ended('stopped', words);
  }
  if (run.decision.action === 'stop') throw new Ended('stopped', words);
  return done({ ...run.decision, ...guardrails });
}

export async function rollout(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const arm = rolloutArm(plan, run.decision);
  if (arm === null || run.partOf('rollout') === 0) return notApplicable;
  let from = 0;
  for (const [index, share] of plan.rollout.waves.entries()) {
    const to = Math.round(share * BUCKETS);
    const name = `rollout-${index + 1}`;
    run.rolloutEndedAt = await sendWave(run, plan, { name, part: 'rollout', arm, buckets: { from, to } });
    await judge(run, plan, name);
    from = to;
  }
  return done({ arm, waves: plan.rollout.waves.length });
}

export async function observe(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const last = `rollout-${plan.rollout.waves.length}`;
  const endedAt = run.rolloutEndedAt ?? plan.progress.waves[last];
  if (endedAt === undefined) return notApplicable;
  await run.block('observing the roll-out');
  await run.wait(msUntil(endedAt, plan.rollout.observeSeconds), 'observing the roll-out');
  const verdicts: Record<string, unknown> = {};
  for (const [index] of plan.rollout.waves.entries()) {
    const name = `rollout-${index + 1}`;
    verdicts[name] = await judge(run, plan, name);
  }
  return done(verdicts);
}

/** Without a test everybody gets the one arm there is; else what the decision says. null: nobody gets anything. */
function rolloutArm(plan: CampaignPlan, decision: ExperimentDecision | null): string | null {
  if (plan.experiment === null) return plan.defaultArm;
  // A test that had nobody in it decided nothing, and is no winner either.
  if (decision?.action === 'ship') return decision.arm;
  return plan.experiment.onNoWinner === 'baseline' ? plan.baselineArm : null;
}

/** Without a test the pilot too sends the one arm there is. */
const armOf = (plan: CampaignPlan): { arm?: string } =>
  plan.experiment === null ? { arm: plan.defaultArm } : {};
