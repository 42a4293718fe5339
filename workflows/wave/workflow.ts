import { condition, continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Shard } from '../../activities/contract';
import { activities } from '../activity-groups';
import { holdChangedSignal, type WaveInput, type WaveResult } from './contract';

/** Two shards at once let one's SQL run under the other's SMTP; more only lengthen each. */
const SHARDS_AT_ONCE = 2;
/** Rounds without any progress before a wave is called incomplete instead of spinning. */
const IDLE_ROUNDS = 3;

export async function waveWorkflow(input: WaveInput): Promise<WaveResult> {
  let holdChanges = 0;
  setHandler(holdChangedSignal, () => {
    holdChanges += 1;
  });

  const { campaignId, step, wave, part, arm, buckets } = input;
  const ref = { campaignId, step, wave };
  const deadlineAt = input.deadlineAt ?? new Date(Date.now() + input.deadlineSeconds * 1_000).toISOString();
  const { planned, shards } = await activities.ledger.planWave({
    ...ref,
    part,
    ...(arm ? { arm } : {}),
    buckets,
  });

  let idleRounds = 0;
  let openBefore = planned;
  while (idleRounds < IDLE_ROUNDS) {
    const changesSeen = holdChanges;
    const stopped = await sendShards(shards, (shard) =>
      activities.shard.sendShard({ ...ref, shard, deadlineAt }),
    );
    if (stopped === 'aborted') return { outcome: 'aborted' };
    if (stopped === 'paused') {
      setCurrentDetails('Paused: nothing is handed over until it is resumed.');
      await condition(() => holdChanges > changesSeen, { summary: 'paused' });
      continue;
    }

    const counts = await activities.ledger.waveCounts(ref);
    const settled = counts.planned - counts.open;
    setCurrentDetails(
      `${settled} of ${counts.planned} settled: ${counts.accepted} accepted, ${counts.failed} failed, ` +
        `${counts.skipped} skipped, ${counts.uncertain} uncertain`,
    );
    if (counts.open === 0) {
      await activities.ledger.closeWave(ref);
      return { outcome: 'complete' };
    }
    if (counts.nextAt !== null) {
      const waitMs = Math.max(1_000, Date.parse(counts.nextAt) - Date.now());
      await condition(() => holdChanges > changesSeen, waitMs, {
        summary: `${counts.open} deferred until ${counts.nextAt}`,
      });
    }
    idleRounds = counts.open < openBefore || counts.nextAt !== null ? 0 : idleRounds + 1;
    openBefore = counts.open;
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof waveWorkflow>({ ...input, deadlineAt });
  }
  return { outcome: 'incomplete' };
}

/** A window over the shards. After a pause or an abort no further shard starts. */
async function sendShards(
  shards: readonly Shard[],
  send: (shard: Shard) => Promise<{ stopped: 'done' | 'paused' | 'aborted' }>,
): Promise<'done' | 'paused' | 'aborted'> {
  const queue = [...shards];
  let stopped: 'done' | 'paused' | 'aborted' = 'done';
  const lane = async (): Promise<void> => {
    for (let shard = queue.shift(); shard !== undefined && stopped === 'done'; shard = queue.shift()) {
      const result = await send(shard);
      if (result.stopped === 'aborted' || stopped === 'done') stopped = result.stopped;
    }
  };
  await Promise.all(Array.from({ length: SHARDS_AT_ONCE }, lane));
  return stopped;
}
