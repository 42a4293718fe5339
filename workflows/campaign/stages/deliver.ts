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

type PartWave = Wave & Required<Pick<Wave, 'buckets'>>;

/** Waves of cumulative shares: each only adds people. */
const inWaves = (shares: readonly number[], wave: (nth: number) => Omit<Wave, 'buckets'>): PartWave[] => {
  const ends = shares.map((share) => Math.round(share * BUCKETS));
  return ends.map((to, index) => ({ ...wave(index + 1), buckets: { from: ends[index - 1] ?? 0, to } }));
};

const testWaves = ({ experiment }: CampaignPlan): PartWave[] => {
  const shares = experiment?.waves ?? [1];
  return inWaves(shares, (nth) => ({ name: shares.length === 1 ? 'test' : `test-${nth}`, part: 'test' }));
};

const rolloutWaves = (plan: CampaignPlan, arm: string): PartWave[] =>
  inWaves(plan.rollout.waves, (nth) => ({ name: `rollout-${nth}`, part: 'rollout', arm }));

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
  const verdict = await judge(run, 'pilot');
  if (plan.pilot.byHistory !== true) return done(verdict);
  const { ok, words } = await analytics.judgePilot({ campaignId: run.campaignId });
  if (!ok) {
    await short.openIncident({ campaignId: run.campaignId, kind: 'pilot-worse', message: words });
    throw new Ended('stopped', words);
  }
  return done({ ...verdict, history: words });
}

export async function experiment(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  // A live campaign's challenger is sent to as people come, and judged at the end of its period.
  if (plan.experiment === null || run.partOf('test') === 0) return notApplicable;
  const waves = testWaves(plan);
  const last = waves.at(-1);
  for (const wave of waves) {
    await sendWave(run, plan, wave);
    if (wave !== last) await lookAt(run, wave, plan.experiment.lookAfterSeconds);
  }
  return done();
}

/** What a wave has come to some time after its end: the next goes only within every limit. */
async function lookAt(run: CampaignRun, wave: Wave, afterSeconds = 0): Promise<void> {
  const endedAt = run.endOfWave(wave.name);
  if (endedAt !== undefined && afterSeconds > 0) {
    await run.block(`observing ${wave.name}`);
    await run.wait(msUntil(endedAt, afterSeconds), `observing ${wave.name}`);
    await run.block(null);
  }
  await judge(run, wave.name);
}

export async function evaluate(run: CampaignRun, plan: CampaignPlan): Promise<StageEnd> {
  const endedAt = run.endOfWave(testWaves(plan).at(-1)?.name ?? '');
  if (plan.experiment === null || endedAt === undefined || run.partOf('test') === 0) return notApplicable;
  // Plans of earlier versions have no early looks.
  const looks = (plan.experiment.earlyLooks || 0) + 1;
  let guardrails: Record<string, unknown> = {};
  for (let look = 1; ; look += 1) {
    await run.block('observing the test');
    const seconds = (plan.experiment.windowSeconds * look) / looks;
    await run.wait(msUntil(endedAt, seconds), 'observing the test');
    await run.block(null);
    // Once, at whichever look is the last: early ones judge guardrails by what holds at every look.
    if (look === looks) guardrails = await judgeTest(run, plan);
    const decision = await analytics.evaluate({ campaignId: run.campaignId, look });
    run.decision = decision;
    if (decision.action === 'keep-running' && look < looks) continue;
    if (look < looks) guardrails = await judgeTest(run, plan);
    await endWithout(run, decision);
    return done({ ...decision, ...guardrails });
  }
}

async function judgeTest(run: CampaignRun, plan: CampaignPlan): Promise<Record<string, unknown>> {
  const verdicts: Record<string, unknown> = {};
  for (const wave of testWaves(plan)) verdicts[wave.name] = await judge(run, wave.name);
  return { guardrails: verdicts };
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
  const arm = await rolloutArm(run, plan);
  if (arm === null) return notApplicable;
  if (!plan.intakeOpen && run.partOf('rollout') === 0) return notApplicable;
  const waves = rolloutWaves(plan, arm);
  const last = waves.at(-1);
  for (const wave of waves) {
    if (plan.intakeOpen) await takeInWhoJoined(run, plan, wave);
    if (run.partOf('rollout') === 0) return notApplicable;
    await sendWave(run, plan, wave);
    await lookAt(run, wave, wave === last ? 0 : plan.rollout.lookAfterSeconds);
  }
  return done({ arm, waves: waves.length });
}

/** An audience grown beyond the approved size and its tolerance is approved again before anybody of it is written to. */
async function takeInWhoJoined(run: CampaignRun, plan: CampaignPlan, wave: PartWave): Promise<void> {
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
  const arm = await rolloutArm(run, plan);
  const planned = [pilotWave(plan), ...testWaves(plan), ...(arm === null ? [] : rolloutWaves(plan, arm))];
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
async function rolloutArm(run: CampaignRun, plan: CampaignPlan): Promise<string | null> {
  if (plan.experiment === null) return plan.defaultArm;
  // A test that had nobody in it decided nothing, and is no winner either.
  if (run.decision?.action === 'ship') return run.decision.arm;
  switch (plan.experiment.onNoWinner) {
    case 'baseline':
      return plan.baselineArm;
    case 'cheapest':
      return (await short.cheapestArm({ campaignId: run.campaignId })).arm;
    case 'stop-without-sending':
      return null;
  }
}
