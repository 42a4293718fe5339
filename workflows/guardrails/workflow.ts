import { continueAsNew, isCancellation, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import { GUARDRAIL_PAUSE } from '../../domain/incidents/incident';
import { activities } from '../activity-groups';
import { askForPause } from '../ask-for-pause';
import type { GuardrailsInput } from './contract';

/**
 * Holds the campaign, with an incident, each time a guardrail is crossed; whoever resumes it has it judged from then on
 * by what it sends anew. Its campaign cancels it. A judgement that fails is followed by the next.
 */
export async function guardrailsWorkflow(input: GuardrailsInput): Promise<void> {
  const { campaignId } = input;
  while (!workflowInfo().continueAsNewSuggested) {
    try {
      const { state, words, guardrails } = await nextVerdict(input);
      setCurrentDetails(words);
      if (state === 'over') return;
      if (state === 'within') continue;
      // One incident each time: the moment it was opened is where the next judgement begins.
      const kind = `${GUARDRAIL_PAUSE}.${new Date(Date.now()).toISOString()}`;
      await askForPause({ campaignId, kind, message: words, details: { guardrails } });
    } catch (fault) {
      if (isCancellation(fault)) throw fault;
      await sleep('1 minute', { summary: 'the judgement failed' });
    }
  }
  await continueAsNew<typeof guardrailsWorkflow>(input);
}

async function nextVerdict({
  campaignId,
  everySeconds,
}: GuardrailsInput): ReturnType<typeof activities.guardrails.watchGuardrails> {
  if (everySeconds === null) return activities.guardrails.watchGuardrails({ campaignId });
  await sleep(everySeconds * 1_000, { summary: 'next judgement' });
  const { ok, words, guardrails } = await activities.short.judgeRecent({ campaignId });
  return { state: ok ? 'within' : 'crossed', words, guardrails };
}
