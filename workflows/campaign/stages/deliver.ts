import { condition } from '@temporalio/workflow';
import type { CampaignPlan, ExperimentDecision } from '../../../activities/contract';
import { BUCKETS } from '../../../domain/campaigns/audience';
import { activities } from '../../activity-groups';
import { Ended } from '../ended';
import { done, notApplicable, type CampaignRun, type StageEnd } from '../run';
import { approveAgain } from './approve';
import { judge } from './judge';
import { stayOpenForMessages, takePeopleAsTheyCome } from './over-a-period';
import { laterSteps, sendWave, type Wave } from './send-wave';

const { short, analytics } = activities;

const msUntil = (endedAt: string, afterSeconds: number): number =>
  Date.parse(endedAt) + afterSeconds * 1_000 - Date.now();

/** Without a test the pilot too sends the one arm there is. */
const pilotWave = (plan: CampaignPlan): Wave => ({
  name: 'pilot',
  part: 'pilot',
  ...(plan.experiment === null ? { arm: plan.defaultArm } : {}),
});

const TEST_WAVE: Wave = { name: 'test', part: 'test' };

type RolloutWave = Wave & Required<Pick<Wave, 'buckets'>>;

const rolloutWaves = (plan: CampaignPlan, arm: string): RolloutWave[] => {
  const ends = plan.rollout.waves.map((share) => Math.round(share * BUCKETS));
  return ends.map((to, index) => ({
    name: `rollout-${index + 1}`,
    part: 'rollout',
    arm,
    buckets: { from: ends[index - 1] ?? 0, to },
  }));
};

export async function pilot(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  if (plan.pilot === null || run.partOf('pilot') === 0) return notApplicable;
  await sendWave(run, plan, pilotWave(plan));
  return done();
}

export async function pilotObserve(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const endedAt = run.endOfWave('pilot');
  if (plan.pilot === null || endedAt === undefined || run.partOf('pilot') === 0) return notApplicable;
  await run.block('observing the pilot');
  await run.wait(msUntil(endedAt, plan.pilot.observeSeconds), 'observing the pilot');
  return done(await judge(run, 'pilot'));
}

export async function experiment(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  if (plan.experiment === null || run.partOf('test') === 0) return notApplicable;
  await sendWave(run, plan, TEST_WAVE);
  return done();
}

export async function evaluate(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const endedAt = run.endOfWave('test');
  if (plan.experiment === null || endedAt === undefined || run.partOf('test') === 0) return notApplicable;
  // Plans of earlier versions have no early looks.
  const looks = (plan.experiment.earlyLooks || 0) + 1;
  let guardrails: Record<string, unknown> = {};
  for (let look = 1; look <= looks; look += 1) {
    await run.block('observing the test');
    const seconds = (plan.experiment.windowSeconds * look) / looks;
    await run.wait(msUntil(endedAt, seconds), 'observing the test');
    await run.block(null);
    // Once, at whichever look is the last: early ones judge guardrails by what holds at every look.
    if (look === looks) guardrails = await judge(run, 'test');
    run.decision = await analytics.evaluate({ campaignId: run.campaignId, look });
    if (run.decision.action === 'keep-running') continue;
    if (look < looks) guardrails = await judge(run, 'test');
    break;
  }
  if (run.decision === null) return notApplicable;
  await endWithout(run, run.decision);
  return done({ ...run.decision, ...guardrails });
}

/** Nothing is rolled out of a test that is not to be believed, that did harm, or that somebody has to look at first. */
async function endWithout(run: CampaignRun, { action, reasons }: ExperimentDecision): Promise<void> {
  const message = reasons.join(' ');
  if (action === 'invalid' || action === 'review')
    await short.openIncident({ campaignId: run.campaignId, kind: `experiment-${action}`, message });
  if (action === 'invalid' || action === 'review' || action === 'stop') throw new Ended('stopped', message);
}

export async function rollout(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  switch (plan.kind) {
    case 'continuous':
      return takePeopleAsTheyCome(run, plan);
    case 'triggered':
      return stayOpenForMessages(run, plan);
    case 'batch':
      return sendTheRest(run, plan);
  }
}

async function sendTheRest(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const arm = rolloutArm(plan, run.decision);
  if (arm === null) return notApplicable;
  if (!plan.intakeOpen && run.partOf('rollout') === 0) return notApplicable;
  for (const wave of rolloutWaves(plan, arm)) {
    if (plan.intakeOpen) await takeInWhoJoined(run, plan, wave);
    if (run.partOf('rollout') === 0) return notApplicable;
    await sendWave(run, plan, wave);
    await judge(run, wave.name);
  }
  return done({ arm, waves: plan.rollout.waves.length });
}

/** An audience grown beyond the approved size and its tolerance is approved again before anybody of it is written to. */
async function takeInWhoJoined(run: CampaignRun, plan: CampaignPlan, wave: RolloutWave): Promise<void> {
  await run.mayGoOn();
  const { audience, approvedMembers } = await analytics.takeIn({
    campaignId: run.campaignId,
    wave: wave.name,
    buckets: wave.buckets,
  });
  run.audience = audience;
  if (audience.members > approvedMembers * (1 + plan.approval.tolerance)) await approveAgain(run, plan);
}

export async function observe(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const arm = rolloutArm(plan, run.decision);
  const planned = [pilotWave(plan), TEST_WAVE, ...(arm === null ? [] : rolloutWaves(plan, arm))];
  const sent = planned.filter((wave) => run.endOfWave(wave.name) !== undefined);
  if (sent.length === 0) return notApplicable;
  // A run that was started again has them still to begin.
  for (const wave of sent) laterSteps(run, plan, wave);
  await run.block('observing the roll-out');
  const rolledOut = sent.filter((wave) => wave.part === 'rollout');
  const last = rolledOut.at(-1);
  const endedAt = last === undefined ? undefined : run.endOfWave(last.name);
  if (endedAt !== undefined)
    await run.wait(msUntil(endedAt, plan.rollout.observeSeconds), 'observing the roll-out');
  if (run.besidesLeft() > 0) {
    await run.block('later steps');
    await condition(() => run.besidesLeft() === 0 || run.hold === 'aborted');
    await run.mayGoOn();
  }
  run.throwFaultBeside();
  const verdicts: Record<string, unknown> = {};
  for (const wave of rolledOut) verdicts[wave.name] = await judge(run, wave.name);
  return rolledOut.length === 0 ? notApplicable : done(verdicts);
}

/** Without a test everybody gets the one arm there is; else what the decision says. null: nobody gets anything. */
function rolloutArm(plan: CampaignPlan, decision: ExperimentDecision | null): string | null {
  if (plan.experiment === null) return plan.defaultArm;
  // A test that had nobody in it decided nothing, and is no winner either.
  if (decision?.action === 'ship') return decision.arm;
  return plan.experiment.onNoWinner === 'baseline' ? plan.baselineArm : null;
}
