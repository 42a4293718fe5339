import { condition, ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import type { CampaignPlan } from '../../../activities/contract';
import { BUCKETS } from '../../../domain/campaigns/audience';
import { FIRST_STEP } from '../../../domain/campaigns/steps';
import type { Part } from '../../../domain/shared/words';
import { activities } from '../../activity-groups';
import { WAVE_WORKFLOW, waveWorkflowId } from '../../wave/contract';
import type { waveWorkflow } from '../../wave/workflow';
import { CAMPAIGN_QUEUE } from '../contract';
import { Ended } from '../ended';
import type { CampaignRun } from '../run';
import { approveAgain } from './approve';

const { short, rendering } = activities;

export interface Wave {
  /** Unique in the campaign, whatever its step. */
  readonly name: string;
  readonly part: Part;
  readonly arm?: string;
  readonly buckets?: { readonly from: number; readonly to: number };
}

/**
 * Sends one wave of the first message; the later steps to the same people then go beside what follows in the loop.
 */
export async function sendWave(run: CampaignRun, plan: CampaignPlan, wave: Wave): Promise<void> {
  run.waveEnded(wave.name, await sendStep(run, plan, { ...wave, step: FIRST_STEP }));
  laterSteps(run, plan, wave);
}

/** Begins the later steps of a wave that has been sent, once. */
export function laterSteps(run: CampaignRun, plan: CampaignPlan, wave: Wave): void {
  if (plan.steps.length > 0) run.beside(wave.name, () => stepsAfter(run, plan, wave, FIRST_STEP));
}

/** Steps that follow `after`, and those that follow them. The gate keeps each person's own time and condition. */
async function stepsAfter(run: CampaignRun, plan: CampaignPlan, wave: Wave, after: string): Promise<void> {
  await Promise.all(
    plan.steps
      .filter((step) => step.after === after)
      .map(async (step) => {
        const name = `${step.key}.${wave.name}`;
        const deadlineSeconds = step.afterSeconds + plan.waveDeadlineSeconds;
        await sendStep(run, plan, { ...wave, name, step: step.key, deadlineSeconds });
        await stepsAfter(run, plan, wave, step.key);
      }),
  );
}

/** One wave of one step; a wave that does not add up is an incident. Answers when it ended. */
async function sendStep(
  run: CampaignRun,
  plan: CampaignPlan,
  wave: Wave & { readonly step: string; readonly deadlineSeconds?: number },
): Promise<string> {
  const known = plan.progress.waves[wave.name];
  if (known !== undefined) return known;
  await run.mayGoOn();
  await onlyWhatIsApproved(run, plan);

  const ref = { campaignId: run.campaignId, step: wave.step, wave: wave.name };
  // A step beside the loop may find that the campaign has ended while it looked.
  run.throwIfAborted();
  const workflowId = waveWorkflowId(run.campaignId, wave.step, wave.name);
  const child = await startChild<typeof waveWorkflow>(WAVE_WORKFLOW, {
    workflowId,
    taskQueue: CAMPAIGN_QUEUE,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    args: [
      {
        ...ref,
        part: wave.part,
        ...(wave.arm ? { arm: wave.arm } : {}),
        buckets: wave.buckets ?? { from: 0, to: BUCKETS },
        deadlineSeconds: wave.deadlineSeconds ?? plan.waveDeadlineSeconds,
      },
    ],
    staticSummary: `wave ${wave.name}`,
  });
  const { endedAt } = await sentBy(run, plan, child);
  if (endedAt === undefined) return doesNotAddUp(run, wave.name);
  await run.mayGoOn();
  return endedAt;
}

/** Deliveries in no final state, or rows nobody planned: an incident, and the end. */
export async function doesNotAddUp(run: CampaignRun, wave: string): Promise<never> {
  await short.openIncident({
    campaignId: run.campaignId,
    kind: `wave-incomplete.${wave}`,
    message: `Wave ${wave} does not add up: its ledger and its plan differ.`,
  });
  throw new Ended('failed', `Wave ${wave} does not add up.`);
}

/** Waits for what sends, which is told of holds meanwhile. Throws Ended where it was aborted. */
export async function sentBy<T extends { readonly outcome: string }>(
  run: CampaignRun,
  plan: CampaignPlan,
  child: { readonly workflowId: string; result(): Promise<T> },
): Promise<T> {
  run.activeWaveIds.add(child.workflowId);
  const sent = await mendedMeanwhile(run, plan, child);
  // Where it failed it stays: what it left is closed at the campaign's end.
  run.activeWaveIds.delete(child.workflowId);
  if (sent.outcome === 'aborted') {
    // The hold in PostgreSQL said so; the command itself may still be on its way.
    run.hold = 'aborted';
    run.throwIfAborted();
  }
  return sent;
}

/** A creative revised while it is paused is approved again, and those not yet sent get that one. */
async function mendedMeanwhile<T>(
  run: CampaignRun,
  plan: CampaignPlan,
  child: { result(): Promise<T> },
): Promise<T> {
  let ended = false;
  const result = child.result().finally(() => {
    ended = true;
  });
  // Awaited below, perhaps long after it failed: until then nobody else shall call it unhandled.
  result.catch(() => undefined);
  for (;;) {
    await Promise.race([condition(() => ended || run.needsRendering()), result.catch(() => undefined)]);
    if (ended) return result;
    await approveAgain(run, plan);
  }
}

/** Exactly what was approved is sent: the hash is computed again before each wave. */
async function onlyWhatIsApproved(run: CampaignRun, plan: CampaignPlan): Promise<void> {
  if (run.needsRendering()) await approveAgain(run, plan);
  const [{ subjectHash }, { progress }] = await Promise.all([
    rendering.creativesSummary({ campaignId: run.campaignId }),
    short.loadPlan({ campaignId: run.campaignId }),
  ]);
  // A creative revised by a run that was lost: what is paused and differs is approved again.
  if (progress.approvedHash !== subjectHash && progress.hold === 'paused') return approveAgain(run, plan);
  await run.takeOver(progress.hold);
  if (progress.approvedHash === subjectHash) return;
  await short.openIncident({
    campaignId: run.campaignId,
    kind: 'not-what-was-approved',
    message: 'Creatives, audience or plan differ from what was approved: nothing more is sent.',
  });
  throw new Ended('stopped', 'Creatives, audience or plan differ from what was approved.');
}
