import {
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Shard } from '../../activities/contract';
import { isComplete } from '../../domain/delivery/arithmetic';
import { activities } from '../activity-groups';
import { pauseForProvider } from '../ask-for-pause';
import { holdChangedSignal, type WaveInput, type WaveResult } from './contract';
import { watchDeadline } from './watch-deadline';

/** Two shards at once let one's SQL run under the other's sending; more only lengthen each. */
const SHARDS_AT_ONCE = 2;
/** Rounds without any progress before a wave is called incomplete instead of spinning. */
const IDLE_ROUNDS = 3;
/**
 * Between rounds for those who were put off: people who fall due one by one are sent to in groups, and the more shards
 * a round may have to visit, the fewer rounds there are.
 */
const mostRestMs = (shards: number): number => Math.max(5_000, shards * 500);

type Stopped = Awaited<ReturnType<typeof activities.shard.sendShard>>['stopped'];

export async function waveWorkflow(input: WaveInput): Promise<WaveResult> {
  const holds = { changes: 0 };
  setHandler(holdChangedSignal, () => {
    holds.changes += 1;
  });
  const deadlineAt = input.deadlineAt ?? new Date(Date.now() + input.deadlineSeconds * 1_000).toISOString();
  const watch = new CancellationScope();
  // It ends by being cancelled, and nothing in it may stop the sending.
  watch.run(() => watchDeadline(input, deadlineAt)).catch(() => undefined);
  try {
    return await sendEverybody(input, deadlineAt, holds);
  } finally {
    watch.cancel();
  }
}

async function sendEverybody(
  input: WaveInput,
  deadlineAt: string,
  holds: { changes: number },
): Promise<WaveResult> {
  const { campaignId, step, wave, part, arm, buckets } = input;
  const ref = { campaignId, step, wave };
  const whom = { ...ref, part, ...(arm ? { arm } : {}), buckets };
  const { planned, shards } = await activities.ledger.planWave({ ...whom, deadlineAt });

  let next: readonly Shard[] = shards;
  let rounds = 0;
  let idleRounds = 0;
  let openBefore = planned;
  while (idleRounds < IDLE_ROUNDS) {
    const changesSeen = holds.changes;
    const holdChanged = (): boolean => holds.changes > changesSeen;
    const stopped = await sendShards(next, (shard) =>
      activities.shard.sendShard({ ...ref, shard, deadlineAt }),
    );
    switch (stopped) {
      case 'aborted':
        return { outcome: 'aborted' };
      case 'paused':
        setCurrentDetails('Paused: nothing is handed over until it is resumed.');
        await condition(holdChanged, { summary: 'paused' });
        next = shards;
        continue;
      case 'breaker':
        await pauseForProvider(ref, holdChanged);
        next = shards;
        continue;
      case 'done':
    }

    const counts = await activities.ledger.waveCounts(ref);
    const settled = counts.planned - counts.open;
    setCurrentDetails(
      `${settled} of ${counts.planned} settled: ${counts.accepted} accepted, ${counts.failed} failed, ` +
        `${counts.skipped} skipped, ${counts.uncertain} uncertain`,
    );
    if (counts.open === 0) {
      // Rows nobody planned, say: sending on would not mend it.
      if (!isComplete(counts)) return { outcome: 'incomplete' };
      const { endedAt } = await activities.ledger.closeWave(ref);
      return { outcome: 'complete', endedAt };
    }
    next = shards;
    if (counts.nextAt !== null) {
      rounds += 1;
      const restMs = Math.min(mostRestMs(shards.length), 1_000 * rounds);
      await condition(holdChanged, Math.max(restMs, Date.parse(counts.nextAt) - Date.now()), {
        summary: `${counts.open} deferred until ${counts.nextAt}`,
      });
      // Past the deadline everybody who is left is looked at, due or not.
      if (!holdChanged() && Date.now() < Date.parse(deadlineAt)) {
        const before = new Date(Date.now()).toISOString();
        const due = await activities.ledger.dueShards({ ...whom, before });
        if (due.shards.length > 0) next = due.shards;
      }
    }
    idleRounds = counts.open < openBefore || counts.nextAt !== null ? 0 : idleRounds + 1;
    openBefore = counts.open;
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof waveWorkflow>({ ...input, deadlineAt });
  }
  return { outcome: 'incomplete' };
}

/** A window over the shards. After a pause, an abort or an open breaker no further shard starts. */
async function sendShards(
  shards: readonly Shard[],
  send: (shard: Shard) => Promise<{ stopped: Stopped }>,
): Promise<Stopped> {
  const queue = [...shards];
  let stopped: Stopped = 'done';
  const lane = async (): Promise<void> => {
    for (let shard = queue.shift(); shard !== undefined && stopped === 'done'; shard = queue.shift()) {
      const result = await send(shard);
      if (result.stopped === 'aborted' || stopped === 'done') stopped = result.stopped;
    }
  };
  await Promise.all(Array.from({ length: SHARDS_AT_ONCE }, lane));
  return stopped;
}
