import {
  CancellationScope,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  sleep,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { CampaignPlan } from '../../../activities/contract';
import { FIRST_STEP } from '../../../domain/campaigns/steps';
import { activities } from '../../activity-groups';
import { CONTINUOUS_WORKFLOW, continuousWorkflowId, ENTRIES_WAVE } from '../../continuous/contract';
import type { continuousWorkflow } from '../../continuous/workflow';
import { GUARDRAILS_WORKFLOW, guardrailsWorkflowId } from '../../guardrails/contract';
import type { guardrailsWorkflow } from '../../guardrails/workflow';
import { CAMPAIGN_QUEUE } from '../contract';
import { done, type CampaignRun, type StageEnd } from '../run';
import { approveAgain } from './approve';
import { judge } from './judge';
import { doesNotAddUp, sentBy } from './send-wave';

const { short } = activities;

/** Until guardrails that could not start, or ended, are started again. */
const NO_GUARDRAILS_MS = 60_000;

/** How often it is looked whether the last messages have ended. */
const LAST_MESSAGES_MS = 30_000;

/** Counted from the roll-out's first beginning: a run that starts again does not begin a new period. */
const periodEnd = ({ progress, periodSeconds }: CampaignPlan): string => {
  const startedAt = progress.rolloutStartedAt === null ? Date.now() : Date.parse(progress.rolloutStartedAt);
  return new Date(startedAt + periodSeconds * 1_000).toISOString();
};

/**
 * The messages' own lane sends; the campaign stays open for them, and after its period until the last has ended. What is
 * revised while it is held is approved before the lane goes on.
 */
export const stayOpenForMessages = (run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> =>
  underGuardrails(run, plan, () => openForMessages(run, plan));

async function openForMessages(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const endsAt = Date.parse(periodEnd(plan));
  run.takesMessages = true;
  const revised = (): boolean => run.needsRendering();
  const wait = (ms: number, summary: string): Promise<boolean> =>
    run.wait(ms, summary, { until: revised, held: 'goes-on' });
  await run.block('messages asked for');
  for (let left = 1; left > 0;) {
    await wait(endsAt - Date.now(), 'open for messages');
    await run.mayGoOn(revised);
    if (revised()) {
      await approveAgain(run, plan);
      await run.block('messages asked for');
      continue;
    }
    ({ left } = await short.messagesLeft({ campaignId: run.campaignId }));
    if (left > 0) await wait(LAST_MESSAGES_MS, 'the last messages');
  }
  run.takesMessages = false;
  return done();
}

/** One child for the whole period; it looks for who entered, and sends to them, until the period is over. */
export const takePeopleAsTheyCome = (run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> =>
  underGuardrails(run, plan, () => entries(run, plan));

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
        steps: [FIRST_STEP, ...plan.steps.map((step) => step.key)],
        arm: plan.defaultArm,
        endsAt: periodEnd(plan),
        everySeconds: plan.everySeconds,
        lateAfterSeconds: plan.waveDeadlineSeconds,
        graceSeconds: plan.waveDeadlineSeconds + plan.steps.reduce((sum, step) => sum + step.afterSeconds, 0),
      },
    ],
    staticSummary: 'people who enter',
  });
  const { outcome } = await sentBy(run, plan, child);
  if (outcome === 'incomplete') await doesNotAddUp(run, ENTRIES_WAVE);
  return done(await judge(run, ENTRIES_WAVE));
}

/** What goes on for long is judged while it goes on. The watch ends with the work. */
async function underGuardrails(
  run: CampaignRun,
  plan: CampaignPlan,
  work: () => Promise<StageEnd>,
): Promise<StageEnd> {
  const watch = new CancellationScope();
  // It ends by being cancelled; nothing in it may stop the sending.
  watch.run(() => keepJudging(run, plan)).catch(() => undefined);
  try {
    return await work();
  } finally {
    watch.cancel();
  }
}

/** The child of an earlier run of this campaign may still be ending: then this one's is started a little later. */
async function keepJudging({ campaignId }: CampaignRun, { everySeconds }: CampaignPlan): Promise<never> {
  for (;;) {
    try {
      await executeChild<typeof guardrailsWorkflow>(GUARDRAILS_WORKFLOW, {
        workflowId: guardrailsWorkflowId(campaignId),
        taskQueue: CAMPAIGN_QUEUE,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        args: [{ campaignId, everySeconds }],
        staticSummary: 'guardrails',
      });
    } catch (fault) {
      if (isCancellation(fault)) throw fault;
    }
    await sleep(NO_GUARDRAILS_MS, { summary: 'the guardrails start again' });
  }
}
