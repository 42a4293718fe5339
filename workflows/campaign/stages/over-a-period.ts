import { ParentClosePolicy, startChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import type { CampaignPlan } from '../../../activities/contract';
import { ENTRIES_WAVE, FIRST_STEP } from '../../../domain/campaigns/steps';
import { activities } from '../../activity-groups';
import { CONTINUOUS_WORKFLOW, continuousWorkflowId } from '../../continuous/contract';
import type { continuousWorkflow } from '../../continuous/workflow';
import { CAMPAIGN_QUEUE } from '../contract';
import { done, type CampaignRun, type StageEnd } from '../run';
import { approveAgain } from './approve';
import { judge } from './judge';
import { doesNotAddUp, sentBy } from './send-wave';

const { short, analytics } = activities;

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
export async function stayOpenForMessages(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
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
export async function takePeopleAsTheyCome(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
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
        arm: plan.experiment === null ? plan.defaultArm : null,
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
  const verdict = await judge(run, ENTRIES_WAVE);
  return done(
    plan.experiment === null ? verdict : { ...verdict, ...(await judgeChallenge(run, plan.experiment)) },
  );
}

/**
 * Held against the champion once the last message's outcome is known. Nobody is left to be sent the winner: that the next
 * period begins with it is for a person to decide, and what was learnt proposes it.
 */
async function judgeChallenge(
  run: CampaignRun,
  { windowSeconds }: NonNullable<CampaignPlan['experiment']>,
): Promise<Record<string, unknown>> {
  await run.block('observing the challenger');
  await run.wait(windowSeconds * 1_000, 'observing the challenger');
  await run.block(null);
  const decision = await analytics.evaluate({ campaignId: run.campaignId, look: 1 });
  run.decision = decision;
  const { action, reasons } = decision;
  if (action === 'invalid' || action === 'review' || action === 'stop')
    await short.openIncident({
      campaignId: run.campaignId,
      kind: `experiment-${action}`,
      message: reasons.join(' '),
    });
  return { ...decision };
}
