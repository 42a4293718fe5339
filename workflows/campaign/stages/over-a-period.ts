import {
  CancellationScope,
  executeChild,
  ParentClosePolicy,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { CampaignPlan } from '../../../activities/contract';
import { activities } from '../../activity-groups';
import { CONTINUOUS_WORKFLOW, continuousWorkflowId, ENTRIES_WAVE } from '../../continuous/contract';
import type { continuousWorkflow } from '../../continuous/workflow';
import { GUARDRAILS_WORKFLOW, guardrailsWorkflowId } from '../../guardrails/contract';
import type { guardrailsWorkflow } from '../../guardrails/workflow';
import { CAMPAIGN_QUEUE } from '../contract';
import { Ended } from '../ended';
import { done, type CampaignRun, type StageEnd } from '../run';
import { approveAgain } from './approve';
import { judge } from './judge';
import { doesNotAddUp, mendedMeanwhile } from './send-wave';

const { short } = activities;

/** Messages are sent all the time, in no rounds: how often they are judged. */
const MESSAGES_JUDGED_SECONDS = 600;

/** Counted from the roll-out's first beginning: a run that starts again does not begin a new period. */
const periodEnd = ({ progress, periodSeconds }: CampaignPlan): string => {
  const startedAt = progress.rolloutStartedAt === null ? Date.now() : Date.parse(progress.rolloutStartedAt);
  return new Date(startedAt + periodSeconds * 1_000).toISOString();
};

/** How often it is looked whether the last messages have ended. */
const LAST_MESSAGES_MS = 30_000;

/**
 * The messages' own lane sends; the campaign stays open for them, and after its period until the last has ended. What is
 * revised while it is held is approved before the lane goes on.
 */
export const stayOpenForMessages = (run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> =>
  underGuardrails(run, MESSAGES_JUDGED_SECONDS, () => openForMessages(run, plan));

async function openForMessages(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const endsAt = Date.parse(periodEnd(plan));
  run.takesMessages = true;
  await run.block('messages asked for');
  for (;;) {
    const leftMs = endsAt - Date.now();
    const revised = (): boolean => run.needsRendering();
    await run.wait(leftMs, 'open for messages', { until: revised, held: 'goes-on' });
    if (revised()) {
      await approveAgain(run, plan);
      await run.block('messages asked for');
      continue;
    }
    await run.mayGoOn();
    const { left } = await short.messagesLeft({ campaignId: run.campaignId });
    if (left === 0) break;
    await run.wait(LAST_MESSAGES_MS, 'the last messages', { until: revised });
  }
  run.takesMessages = false;
  return done();
}

/** One child for the whole period; it looks for who entered, and sends to them, until the period is over. */
export const takePeopleAsTheyCome = (run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> =>
  underGuardrails(run, plan.everySeconds, () => entries(run, plan));

async function entries(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const workflowId = continuousWorkflowId(run.campaignId);
  await run.block('people who enter the segment');
  const child = await startChild<typeof continuousWorkflow>(CONTINUOUS_WORKFLOW, {
    workflowId,
    taskQueue: CAMPAIGN_QUEUE,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    args: [
      {
        campaignId: run.campaignId,
        steps: ['first', ...plan.steps.map((step) => step.key)],
        arm: plan.defaultArm,
        endsAt: periodEnd(plan),
        everySeconds: plan.everySeconds,
        lateAfterSeconds: plan.waveDeadlineSeconds,
        graceSeconds: plan.waveDeadlineSeconds + plan.steps.reduce((sum, step) => sum + step.afterSeconds, 0),
      },
    ],
    staticSummary: 'people who enter',
  });
  run.activeWaveIds.add(workflowId);
  const { outcome } = await mendedMeanwhile(run, plan, child);
  run.activeWaveIds.delete(workflowId);
  if (outcome === 'aborted') {
    run.hold = 'aborted';
    throw new Ended('aborted', 'Aborted by a person.');
  }
  if (outcome === 'incomplete') await doesNotAddUp(run, ENTRIES_WAVE);
  return done(await judge(run, ENTRIES_WAVE));
}

/** What goes on for long is judged while it goes on. The watch ends with the work. */
async function underGuardrails(
  { campaignId }: CampaignRun,
  everySeconds: number,
  work: () => Promise<StageEnd>,
): Promise<StageEnd> {
  const watch = new CancellationScope();
  const watching = watch.run(() =>
    executeChild<typeof guardrailsWorkflow>(GUARDRAILS_WORKFLOW, {
      workflowId: guardrailsWorkflowId(campaignId),
      taskQueue: CAMPAIGN_QUEUE,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      args: [{ campaignId, everySeconds }],
      staticSummary: 'guardrails',
    }),
  );
  // It ends by being cancelled, or goes on for an earlier run of this campaign; nothing in it may stop the sending.
  watching.catch(() => undefined);
  try {
    return await work();
  } finally {
    watch.cancel();
  }
}
