import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  rootCause,
  setHandler,
} from '@temporalio/workflow';
import type { CampaignPlan } from '../../activities/contract';
import type { Stage } from '../../domain/shared/words';
import { activities } from '../activity-groups';
import {
  abortUpdate,
  commandedSignal,
  decidedSignal,
  decideUpdate,
  pauseUpdate,
  resumeUpdate,
  revisedUpdate,
  stateQuery,
  type CampaignInput,
  type CampaignResult,
  type Command,
} from './contract';
import { Ended } from './ended';
import { watchGuardrails } from './guardrails';
import { CampaignRun, done, type StageEnd } from './run';
import * as stages from './stages';

const { short } = activities;

/** The loop, in order. Each stage is skipped where an earlier run of the campaign already ended it. */
const LOOP: readonly [Stage, (run: CampaignRun, plan: CampaignPlan) => Promise<StageEnd>][] = [
  ['define', stages.define],
  ['audit', stages.audit],
  ['create', stages.create],
  ['qa', (run) => stages.renderUntilPassed(run)],
  ['approve', stages.approve],
  ['pilot', stages.pilot],
  ['pilot-observe', stages.pilotObserve],
  ['experiment', stages.experiment],
  ['evaluate', stages.evaluate],
  ['rollout', stages.rollout],
  ['observe', stages.observe],
];

const FIRST_TO_SEND: Stage = 'pilot';

export async function campaignWorkflow({ campaignId }: CampaignInput): Promise<CampaignResult> {
  const run = new CampaignRun(campaignId);
  listen(run);

  // Outside the try: a campaign that is not in PostgreSQL (its start was taken back) has no end to record.
  const plan = await short.loadPlan({ campaignId });
  run.restore(plan);

  let result: CampaignResult;
  let guardrails: ReturnType<typeof watchGuardrails> | null = null;
  try {
    for (const [stage, work] of LOOP) {
      if (stage === FIRST_TO_SEND) guardrails = watchGuardrails(plan);
      await run.runStage(stage, () => work(run, plan));
    }
    result = outcomeOf(run);
  } catch (error) {
    result = await endOf(run, error);
  } finally {
    guardrails?.stop();
  }

  await CancellationScope.nonCancellable(async () => {
    await finish(run, result);
    await condition(allHandlersFinished);
  });
  return result;
}

/** Every handler is there before the first await: nothing that is sent to a campaign is lost. */
function listen(run: CampaignRun): void {
  const command =
    (act: (by: string) => Promise<void>) =>
    async ({ commandId, by }: Command) => {
      if (run.isNew(commandId)) await act(by);
      return run.state();
    };
  setHandler(stateQuery, () => run.state());
  setHandler(decideUpdate, (decision) => run.decide(decision));
  setHandler(decidedSignal, async (decision) => {
    await run.decide(decision);
  });
  const acts = {
    pause: command(() => run.changeHold('paused')),
    resume: command(async () => {
      if (!run.isMending()) await run.changeHold('run');
    }),
    abort: command(() => run.changeHold('aborted')),
    revised: command(async (by) => {
      if (!run.isRevisable()) return;
      run.revisions += 1;
      run.revisers.add(by);
    }),
  };
  setHandler(pauseUpdate, acts.pause);
  setHandler(resumeUpdate, acts.resume, {
    validator: (_command: Command) => {
      if (run.isMending()) {
        throw ApplicationFailure.nonRetryable(
          'A revised creative waits for its approval: it goes on by itself once that is given.',
          'conflict',
        );
      }
    },
  });
  setHandler(abortUpdate, acts.abort);
  setHandler(revisedUpdate, acts.revised, {
    validator: (_command: Command) => {
      if (!run.isRevisable()) {
        throw ApplicationFailure.nonRetryable(
          `A campaign in stage ${run.stage} takes no revision.`,
          'conflict',
        );
      }
    },
  });
  setHandler(commandedSignal, async (kind, sent) => {
    await acts[kind](sent);
  });
}

function outcomeOf(run: CampaignRun): CampaignResult {
  if (run.decision?.action === 'no-winner')
    return { end: 'no-winner', reason: run.decision.reasons.join(' ') };
  if (run.plan?.experiment && run.decision === null)
    return { end: 'no-winner', reason: 'Nobody was in the test: there was nothing to judge.' };
  return { end: 'completed', reason: run.decision?.reasons.join(' ') ?? 'Everybody planned was dealt with.' };
}

/** What an error that reached the top means for the campaign. Never rethrown: the end is recorded instead. */
async function endOf(run: CampaignRun, error: unknown): Promise<CampaignResult> {
  if (error instanceof Ended) return { end: error.end, reason: error.reason };
  if (isCancellation(error)) {
    await CancellationScope.nonCancellable(() => run.changeHold('aborted'));
    return { end: 'aborted', reason: 'Cancelled in Temporal.' };
  }
  const cause = rootCause(error) ?? 'unknown fault';
  await short.openIncident({
    campaignId: run.campaignId,
    kind: 'campaign-failed',
    message: `The campaign failed in stage ${run.stage}: ${cause}`,
  });
  return { end: 'failed', reason: cause };
}

/** Whatever the end, what was learnt is written down; then the end itself. */
async function finish(run: CampaignRun, { end, reason }: CampaignResult): Promise<void> {
  const { campaignId } = run;
  // Whatever is still being sent beside the loop ends with it: what is not on the wire is skipped.
  if (run.activeWaveIds.size > 0 || run.besidesLeft() > 0) await run.changeHold('aborted');
  if (run.hold === 'aborted') await activities.ledger.closeAborted({ campaignId });
  run.hold = 'run';
  run.approvalComing = false;
  try {
    await run.runStage('learn', async () => {
      const { backlogItems } = await short.learn({ campaignId, end, reason });
      return done({ backlogItems });
    });
  } catch (error) {
    // The people were dealt with; that the report failed must not hide it.
    await short.openIncident({
      campaignId,
      kind: 'learn-failed',
      message: `The report could not be written: ${rootCause(error) ?? 'unknown fault'}`,
    });
  }
  await run.block(null);
  await short.endCampaign({ campaignId, end, reason });
}
