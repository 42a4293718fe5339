import { condition, continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { BUCKETS } from '../../domain/campaigns/audience';
import { ENTRIES_WAVE, FIRST_STEP } from '../../domain/campaigns/steps';
import { isComplete } from '../../domain/delivery/arithmetic';
import { activities } from '../activity-groups';
import { pauseForProvider } from '../ask-for-pause';
import { holdChangedSignal } from '../wave/contract';
import { type ContinuousInput, type ContinuousResult } from './contract';
import { createEntriesWatch } from './watch-entries';

/** Rounds after the deadline, when everybody left is skipped, before what is still open is called incomplete. */
const LAST_ROUNDS = 3;

/** Everybody: people enter with any id, and thousands a day fit one shard. */
const EVERYBODY = { index: 0, from: 0, to: Number.MAX_SAFE_INTEGER };

/**
 * Looks for who entered, sends to them and to whom a later step has fallen due, and rests. One loop for everybody
 * instead of a workflow a person: a day's history is its rounds, and continue-as-new keeps it short.
 */
export async function continuousWorkflow(input: ContinuousInput): Promise<ContinuousResult> {
  let holdChanges = 0;
  setHandler(holdChangedSignal, () => {
    holdChanges += 1;
  });
  const { campaignId, endsAt } = input;
  const deadlineAt = new Date(Date.parse(endsAt) + input.graceSeconds * 1_000).toISOString();
  const waves = input.steps.map((step) => ({
    campaignId,
    step,
    wave: step === FIRST_STEP ? ENTRIES_WAVE : `${step}.${ENTRIES_WAVE}`,
  }));
  for (const wave of waves)
    await activities.ledger.planWave({
      ...wave,
      part: 'rollout',
      ...(input.arm === null ? {} : { arm: input.arm }),
      buckets: { from: 0, to: BUCKETS },
      deadlineAt,
    });

  const openOf = createEntriesWatch(input.lateAfterSeconds);
  let lastRounds = 0;
  for (;;) {
    const changesSeen = holdChanges;
    const taking = Date.now() < Date.parse(endsAt);
    const { more } = taking ? await activities.analytics.enterPeople({ campaignId }) : { more: false };
    const { stopped, wave } = await sendTo(waves, deadlineAt);
    if (stopped === 'aborted') return { outcome: 'aborted' };
    if (stopped === 'breaker') {
      await pauseForProvider(wave, () => holdChanges > changesSeen);
      continue;
    }
    if (stopped === 'paused') {
      setCurrentDetails('Paused: nobody is taken in and nothing is handed over until it is resumed.');
      await condition(() => holdChanges > changesSeen, { summary: 'paused' });
      continue;
    }
    let open = 0;
    for (const wave of waves) open += await openOf(wave);
    if (Date.now() > Date.parse(deadlineAt)) lastRounds += 1;
    if (!taking && (open === 0 || lastRounds > LAST_ROUNDS)) {
      // The whole ledger is counted once, now that nobody is open.
      const counts = await Promise.all(waves.map((wave) => activities.ledger.waveCounts(wave)));
      if (!counts.every(isComplete)) return { outcome: 'incomplete' };
      for (const wave of waves) await activities.ledger.closeWave(wave);
      return { outcome: 'complete' };
    }
    setCurrentDetails(taking ? `Taking people in until ${endsAt}.` : `${open} still to be settled.`);
    if (!more)
      await condition(() => holdChanges > changesSeen, input.everySeconds * 1_000, { summary: 'next round' });
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof continuousWorkflow>(input);
  }
}

type WaveKey = { readonly campaignId: string; readonly step: string; readonly wave: string };

type Stopped = Awaited<ReturnType<typeof activities.shard.sendShard>>['stopped'];
type Stop =
  | { readonly stopped: 'done'; readonly wave: null }
  | { readonly stopped: Exclude<Stopped, 'done'>; readonly wave: WaveKey };

/** Wave after wave, until one is stopped: which, and by what. */
async function sendTo(waves: readonly WaveKey[], deadlineAt: string): Promise<Stop> {
  for (const wave of waves) {
    const { stopped } = await activities.shard.sendShard({
      ...wave,
      shard: EVERYBODY,
      deadlineAt,
      entries: true,
    });
    if (stopped !== 'done') return { stopped, wave };
  }
  return { stopped: 'done', wave: null };
}
