import { continueAsNew, isCancellation, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import { GUARDRAIL_PAUSE } from '../../domain/incidents/incident';
import { activities } from '../activity-groups';
import { askForPause } from '../ask-for-pause';
import type { GuardrailsInput } from './contract';

/**
 * Holds the campaign, with an incident, each time a guardrail is crossed; whoever resumes it has it judged from then on
 * by what it sends anew. Its campaign cancels it. A judgement that fails is followed by the next.
 */
export async function guardrailsWorkflow(input: GuardrailsInput): Promise<never> {
  const { campaignId, everySeconds } = input;
  while (!workflowInfo().continueAsNewSuggested) {
    await sleep(everySeconds * 1_000, { summary: 'next judgement' });
    try {
      const { ok, words, guardrails } = await activities.short.judgeRecent({ campaignId });
      setCurrentDetails(words);
      if (ok) continue;
      // One incident each time: the moment it was opened is where the next judgement begins.
      const kind = `${GUARDRAIL_PAUSE}.${new Date(Date.now()).toISOString()}`;
      await askForPause({ campaignId, kind, message: words, details: { guardrails } });
    } catch (fault) {
      if (isCancellation(fault)) throw fault;
    }
  }
  return continueAsNew<typeof guardrailsWorkflow>(input);
}
