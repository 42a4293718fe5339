import { CancellationScope } from '@temporalio/workflow';
import type { CampaignPlan } from '../../../activities/contract';
import { activities } from '../../activity-groups';
import { Ended } from '../ended';
import { done, type CampaignRun, type Held, type StageEnd } from '../run';
import { renderUntilPassed } from './prepare';

const { short, rendering } = activities;

export const approve = (run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> =>
  approved(run, plan, plan.progress.approvedHash, 'waits');

/**
 * What was approved is mended, or has grown beyond what was: it is rendered, checked and approved again, and then
 * goes on by itself. Whoever needs it waits for the same round.
 */
export function approveAgain(run: CampaignRun, plan: CampaignPlan): Promise<void> {
  run.mending ??= (async () => {
    run.approved = false;
    try {
      await approved(run, plan, null, 'goes-on');
      await run.changeHold('run');
    } finally {
      run.mending = null;
    }
  })();
  return run.mending;
}

async function approved(
  run: CampaignRun,
  plan: CampaignPlan,
  approvedHash: string | null,
  held: Held,
): Promise<StageEnd> {
  for (;;) {
    await renderUntilPassed(run, held);
    const { subjectHash } = await rendering.creativesSummary({ campaignId: run.campaignId });
    // Approved just before an earlier run of this campaign was lost: nobody is asked twice.
    if (approvedHash === subjectHash) {
      run.approvalComing = false;
      return done({ subjectHash });
    }
    const { approvalId, deadlineAt } = await asked(run, plan, subjectHash);
    announce(run.campaignId, approvalId);
    const end = await decided(run, plan, { approvalId, deadlineAt, held });
    if (end !== null) return end;
  }
}

/** The approval that waits now; a decision that came before its answer is judged after it. */
async function asked(
  run: CampaignRun,
  plan: CampaignPlan,
  subjectHash: string,
): Promise<{ approvalId: string; deadlineAt: string }> {
  const { campaignId } = run;
  run.approvalComing = true;
  try {
    const { deadlineSeconds } = plan.approval;
    const approval = await short.requestApproval({ campaignId, subjectHash, deadlineSeconds });
    // Decisions on this very approval survive a restart of the campaign from PostgreSQL.
    run.decisions = plan.progress.decisions.filter((d) => d.subjectHash === subjectHash);
    run.approval = { approvalId: approval.approvalId, subjectHash };
    return approval;
  } finally {
    run.approvalComing = false;
  }
}

/** Nobody waits for it: its pictures take long, Slack may be down, and REST decides too. The reminder posts what it could not. */
function announce(campaignId: string, approvalId: string): void {
  rendering.announceApproval({ campaignId, approvalId }).catch(() => undefined);
}

/** Waits for one approval and closes it, whatever comes; null: a creative was revised, and a new version is asked for. */
async function decided(
  run: CampaignRun,
  plan: CampaignPlan,
  { approvalId, deadlineAt, held }: { approvalId: string; deadlineAt: string; held: Held },
): Promise<StageEnd | null> {
  const close = async (state: 'approved' | 'rejected' | 'expired' | 'void', words: string): Promise<void> => {
    run.approval = null;
    await short.closeApproval({ campaignId: run.campaignId, approvalId, state, words });
  };
  const subjectHash = run.approval?.subjectHash ?? '';
  let outcome: Awaited<ReturnType<typeof waitForDecision>>;
  try {
    await run.block('approval');
    outcome = await waitForDecision(run, plan, deadlineAt, held);
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
  held: Held,
): Promise<'approved' | 'rejected' | 'expired' | 'revised'> {
  const standing = () => run.approvalStanding();
  const changed = () => standing() !== 'waiting' || run.needsRendering();
  for (;;) {
    const leftMs = Date.parse(deadlineAt) - Date.now();
    if (leftMs <= 0 && !changed()) return 'expired';
    const reminderMs = Math.min(leftMs, plan.approval.remindSeconds * 1_000);
    if (await run.wait(reminderMs, 'waiting for an approval', { until: changed, held })) {
      const now = standing();
      return now === 'waiting' ? 'revised' : now;
    }
    const approval = run.approval;
    if (approval && reminderMs < leftMs) {
      await short.remindApproval({ campaignId: run.campaignId, approvalId: approval.approvalId });
    }
  }
}
