import { ApplicationFailure } from '@temporalio/common';
import { estimatedEnd } from '../../domain/campaigns/wave-progress';
import { BREAKER_FAULTS } from '../../domain/delivery/breaker';
import { BoucleError } from '../../domain/shared/errors';
import type { DeliveryActivities } from '../contract';
import { guarded } from '../failure';
import { createCircuitBreaker } from './circuit-breaker';
import type { DeliveryDeps } from './deps';
import { OUTAGE } from './send-batch';
import type { SendingTools } from './send-claimed';
import { sendShard } from './send-shard';
import { createSlots } from './wire-slots';

/** Members of one shard: one activity sends some seconds of mail, and a million people make 50 of them. */
const SHARD_SIZE = 20_000;

/** What every send of one worker shares: its connections, and what it has learnt of the providers. */
export const createSendingTools = (deps: DeliveryDeps): SendingTools => ({
  store: deps.store,
  senders: deps.senders,
  slots: createSlots(deps.senders),
  breaker: createCircuitBreaker(deps.breakerFaults ?? BREAKER_FAULTS),
  outage: deps.outage ?? OUTAGE,
});

export function createDeliveryActivities(
  deps: DeliveryDeps,
  tools: SendingTools = createSendingTools(deps),
): DeliveryActivities {
  const cut = (input: Parameters<DeliveryActivities['planWave']>[0]) =>
    deps.store.planWave({
      ...input,
      arm: input.arm ?? null,
      shardSize: input.shardSize ?? SHARD_SIZE,
    });
  return {
    planWave: (input) =>
      guarded(async () => {
        const { planned, shards } = await cut(input);
        if (input.deadlineAt !== undefined) await deps.store.setDeadline(input, new Date(input.deadlineAt));
        return { planned, shards: [...shards] };
      }),
    sendShard: (input) => guarded(() => sendShard(deps, tools, input)),
    waveCounts: (input) => guarded(() => deps.store.waveCounts(input)),
    dueShards: (input) =>
      guarded(async () => {
        const { shards } = await cut(input);
        return { shards: await deps.store.dueIn(input, shards, new Date(input.before)) };
      }),
    judgeDeadline: (input) =>
      guarded(async () => {
        const standing = await deps.store.waveStanding(input);
        const end = standing === null ? null : estimatedEnd(standing, standing.now);
        if (standing === null || end === null || standing.deadlineAt === null)
          return { late: false, words: '' };
        return {
          late: end > standing.deadlineAt,
          words:
            `Wave ${input.wave} will be done about ${end.toISOString()} at its rate; its deadline is ` +
            `${standing.deadlineAt.toISOString()}. ${standing.open} of ${standing.planned} are left.`,
        };
      }),
    noteEntries: ({ lateAfterSeconds, ...wave }) =>
      guarded(async () => {
        const { open, late, lateBy } = await deps.store.noteEntries(wave, lateAfterSeconds);
        const why = Object.entries(lateBy).map(([reason, n]) => `${n} ${reason}`);
        return {
          open,
          late,
          words:
            `${late} message(s) of step ${wave.step} should have gone more than ` +
            `${Math.round(lateAfterSeconds / 360) / 10} h ago: ${why.join(', ')}.`,
        };
      }),
    closeWave: (input) =>
      guarded(async () => {
        const endedAt = await deps.store.closeWave(input);
        if (endedAt === null)
          throw new BoucleError('not-found', `Wave ${input.wave} of ${input.campaignId} is not planned.`);
        return { endedAt };
      }),
    closeAborted: ({ campaignId }) =>
      guarded(async () => {
        const { busy } = await deps.store.closeAborted(campaignId);
        if (busy > 0)
          throw ApplicationFailure.retryable('An attempt at a shard is still alive.', 'shard-busy');
      }),
  };
}

export type { DeliveryDeps } from './deps';
