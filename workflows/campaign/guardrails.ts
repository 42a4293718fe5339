import {
  CancellationScope,
  executeChild,
  isCancellation,
  ParentClosePolicy,
  sleep,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { CampaignPlan } from '../../activities/contract';
import { GUARDRAILS_WORKFLOW, guardrailsWorkflowId } from '../guardrails/contract';
import type { guardrailsWorkflow } from '../guardrails/workflow';
import { CAMPAIGN_QUEUE } from './contract';

/** Until guardrails that could not start, or failed, are started again. */
const NO_GUARDRAILS_MS = 60_000;

/** Has what is sent from here on judged while it goes out, until `stop`. */
export function watchGuardrails(plan: CampaignPlan): { stop(): void } {
  const watch = new CancellationScope();
  // It ends by being cancelled; nothing in it may stop the sending.
  watch.run(() => keepJudging(plan)).catch(() => undefined);
  return { stop: () => watch.cancel() };
}

/** The child of an earlier run of this campaign may still be ending: then this one's is started a little later. */
async function keepJudging({ campaignId, kind, everySeconds }: CampaignPlan): Promise<void> {
  for (;;) {
    try {
      await executeChild<typeof guardrailsWorkflow>(GUARDRAILS_WORKFLOW, {
        workflowId: guardrailsWorkflowId(campaignId),
        taskQueue: CAMPAIGN_QUEUE,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        args: [{ campaignId, everySeconds: kind === 'batch' ? null : everySeconds }],
        staticSummary: 'guardrails',
      });
      return;
    } catch (fault) {
      if (isCancellation(fault)) throw fault;
    }
    await sleep(NO_GUARDRAILS_MS, { summary: 'the guardrails start again' });
  }
}
