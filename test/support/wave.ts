import type { DeliveryActivities, Shard } from '../../activities/contract';
import type { Db } from '../../store/db';
import { ALL_BUCKETS, inAnHour } from './delivery-bench';
import type { SeededCampaign } from './seed-campaign';

type ShardEnd = Awaited<ReturnType<DeliveryActivities['sendShard']>>['stopped'];

export interface TestWave {
  readonly ref: { readonly campaignId: string; readonly step: string; readonly wave: string };
  readonly planned: number;
  readonly shards: readonly Shard[];
  /** Runs every shard once, one after the other. */
  run(deadlineAt?: string): Promise<ShardEnd[]>;
}

/** Plans one wave over everybody of a seeded campaign. */
export async function planTestWave(
  activities: DeliveryActivities,
  campaign: SeededCampaign,
  options: { readonly wave?: string; readonly shardSize?: number; readonly arm?: string } = {},
): Promise<TestWave> {
  const ref = { campaignId: campaign.campaignId, step: campaign.step, wave: options.wave ?? 'w1' };
  const { planned, shards } = await activities.planWave({
    ...ref,
    part: campaign.part,
    buckets: ALL_BUCKETS,
    ...(options.arm === undefined ? {} : { arm: options.arm }),
    ...(options.shardSize === undefined ? {} : { shardSize: options.shardSize }),
  });
  return {
    ref,
    planned,
    shards,
    run: async (deadlineAt = inAnHour()) => {
      const ends: ShardEnd[] = [];
      for (const shard of shards)
        ends.push((await activities.sendShard({ ...ref, shard, deadlineAt })).stopped);
      return ends;
    },
  };
}

/** A contact is reserved exactly for rows that are claimed, sending, accepted or uncertain. Answers the difference. */
export async function contactsOutOfStep(db: Db, campaignId: string): Promise<number> {
  const [row] = await db.app<{ n: number }[]>`
    select count(*) as n from
      (select step, profile_id from deliveries
       where campaign_id = ${campaignId} and (state in ('claimed', 'sending', 'accepted', 'uncertain') or (state = 'planned' and in_doubt is not null))) d
      full join (select step, profile_id from contacts where campaign_id = ${campaignId}) c using (step, profile_id)
    where d.profile_id is null or c.profile_id is null`;
  return row?.n ?? -1;
}
