import { ApplicationFailure } from '@temporalio/common';
import { BoucleError } from '../../domain/shared/errors';
import type { DeliveryActivities } from '../contract';
import { guarded } from '../failure';
import type { DeliveryDeps } from './deps';
import { sendShard } from './send-shard';
import { createWireSlots } from './wire-slots';

/** Members of one shard: one activity sends some seconds of mail, and a million people make 500 of them. */
const SHARD_SIZE = 2_000;

export function createDeliveryActivities(deps: DeliveryDeps): DeliveryActivities {
  const slots = createWireSlots(deps.sender.connections);
  return {
    planWave: (input) =>
      guarded(async () => {
        const { planned, shards } = await deps.store.planWave({
          ...input,
          arm: input.arm ?? null,
          shardSize: input.shardSize ?? SHARD_SIZE,
        });
        return { planned, shards: [...shards] };
      }),
    sendShard: (input) => guarded(() => sendShard(deps, slots, input)),
    waveCounts: (input) => guarded(() => deps.store.waveCounts(input)),
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
