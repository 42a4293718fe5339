import type { Scenario } from '../../domain/campaigns/scenario';
import { stepOf } from '../../domain/campaigns/steps';
import { BoucleError } from '../../domain/shared/errors';
import type { Part } from '../../domain/shared/words';
import type { Sql, Tx } from '../db';
import { controlArmsOf, type WaveKey } from './wave-terms';

export interface WavePlan {
  readonly planned: number;
  readonly withheld: number;
  /** Profile ids [from, to), in order, together covering every member of the wave. */
  readonly shards: readonly { readonly index: number; readonly from: number; readonly to: number }[];
}

interface PlanInput extends WaveKey {
  readonly part: Part;
  readonly arm: string | null;
  readonly buckets: { readonly from: number; readonly to: number };
  readonly shardSize: number;
}

/**
 * Writes the wave's row once and cuts its members, control included, into ranges of `shardSize`. The audience is
 * frozen, and an open intake lets nobody into the buckets of a planned wave, so the same call cuts the same way; part,
 * arm and buckets of a wave already there are the stored ones.
 */
export async function planWave(sql: Sql, input: PlanInput): Promise<WavePlan> {
  const { campaignId, step, wave } = input;
  const [campaign] = await sql<{ scenario: Scenario; planned: boolean }[]>`
    select scenario, exists (
      select from waves w where w.campaign_id = ${campaignId} and w.step = ${step} and w.wave = ${wave}) as planned
    from campaigns where id = ${campaignId}`;
  if (campaign === undefined) throw new BoucleError('not-found', `There is no campaign ${campaignId}.`);
  if (!campaign.planned)
    await sql.begin(async (tx) => {
      // Whoever is being taken in this moment is in before the count, or comes into a later wave.
      await tx`select from campaigns where id = ${campaignId} for share`;
      await writeWave(tx, input, controlArmsOf(campaign.scenario));
    });
  // People of a later step keep the arm of their earlier message.
  const dealt = stepOf(campaign.scenario, step).follows === null;

  const [stored] = await sql<{ planned: number; withheld: number; armless: boolean }[]>`
    select w.planned, w.withheld, w.arm is null and exists (
      select from audience_members m
      where m.campaign_id = w.campaign_id and m.part = w.part and m.bucket >= w.bucket_from and m.bucket < w.bucket_to
        and m.arm is null) as armless
    from waves w where w.campaign_id = ${campaignId} and w.step = ${step} and w.wave = ${wave}`;
  if (stored === undefined)
    throw new BoucleError('not-found', `Wave ${wave} of ${campaignId} is not planned.`);
  if (dealt && stored.armless)
    throw new BoucleError('conflict', `Wave ${wave} has people without an arm and names none itself.`);

  const cuts = await sql<{ from: number; last: number }[]>`
    select min(profile_id) as "from", max(profile_id) as last from (
      select m.profile_id, (row_number() over (order by m.profile_id) - 1) / ${input.shardSize}::bigint as shard
      from audience_members m
      join waves w on w.campaign_id = ${campaignId} and w.step = ${step} and w.wave = ${wave}
      where m.campaign_id = ${campaignId} and m.part = w.part and m.bucket >= w.bucket_from and m.bucket < w.bucket_to
    ) numbered
    group by shard order by shard`;
  return {
    planned: stored.planned,
    withheld: stored.withheld,
    shards: cuts.map((cut, index) => ({ index, from: cut.from, to: cut.last + 1 })),
  };
}

/**
 * Somebody who already has a row of this step belongs to the wave that wrote it: waves can overlap without anybody being
 * planned twice.
 */
async function writeWave(
  tx: Tx,
  { campaignId, step, wave, part, arm, buckets }: PlanInput,
  control: readonly string[],
): Promise<void> {
  await tx`
    insert into waves (campaign_id, step, wave, part, arm, bucket_from, bucket_to, planned, withheld)
    select ${campaignId}, ${step}, ${wave}, ${part}, ${arm}::text, ${buckets.from}, ${buckets.to},
      count(*) filter (where not m.control), count(*) filter (where m.control)
    from (
      select coalesce(a.arm = any(${[...control]}::text[]), false) as control, a.profile_id from audience_members a
      where a.campaign_id = ${campaignId} and a.part = ${part} and a.bucket >= ${buckets.from} and a.bucket < ${buckets.to}
    ) m
    where not exists (
      select from deliveries d
      where d.campaign_id = ${campaignId} and d.step = ${step} and d.profile_id = m.profile_id and d.wave <> ${wave})
    on conflict do nothing`;
}
