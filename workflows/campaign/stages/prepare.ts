import { executeChild, WorkflowIdReusePolicy } from '@temporalio/workflow';
import type { CampaignPlan } from '../../../activities/contract';
import { activities } from '../../activity-groups';
import { CREATIVES_WORKFLOW, creativesWorkflowId } from '../../creatives/contract';
import type { creativesWorkflow } from '../../creatives/workflow';
import { CAMPAIGN_QUEUE } from '../contract';
import { Ended } from '../ended';
import { done, type CampaignRun, type Held, type StageEnd } from '../run';

const { analytics, rendering } = activities;

/** Renders until nothing is left to render and nothing is rejected; a rejected creative waits for its revision. */
export async function renderUntilPassed(run: CampaignRun, held: Held = 'waits'): Promise<StageEnd> {
  for (;;) {
    // Also what was revised while an earlier round was being rendered.
    if (run.needsRendering()) await render(run);
    const { rendered, rejected, findings } = await rendering.creativesSummary({ campaignId: run.campaignId });
    if (run.needsRendering()) continue;
    if (rejected === 0) return done({ rendered, rejected, findings });
    await run.block(`${rejected} creative(s) rejected by QA, to be revised`);
    await run.wait(365 * 86_400_000, 'waiting for a revision', { until: () => run.needsRendering(), held });
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

export async function define(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const counts = await analytics.freezeAudience({ campaignId: run.campaignId });
  run.audience = counts;
  // Nobody is in a continuous or triggered campaign yet: they come while it runs.
  if (plan.kind === 'batch' && counts.members === 0)
    throw new Ended('stopped', 'Nobody is left in the audience after the exclusions.');
  return done({ matched: counts.matched, members: counts.members, holdout: counts.holdout });
}

export async function audit(run: CampaignRun): Promise<StageEnd> {
  const { used, refused, tooSmall } = await analytics.auditAudience({ campaignId: run.campaignId });
  if (refused.length > 0) {
    throw new Ended('stopped', `The targeting policy does not allow: ${refused.join(', ')}.`);
  }
  // Not there in the records of earlier versions.
  if (tooSmall) throw new Ended('stopped', tooSmall);
  return done({ used });
}

export async function create(run: CampaignRun): Promise<StageEnd> {
  await render(run);
  return done();
}
