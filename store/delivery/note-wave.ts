import type { Tx } from '../db';
import type { GateMoment } from './gate-moment';

/**
 * Notes, once a wave and kind, that a batch was stopped by the budget or gave way to a campaign that goes first. Costs
 * nothing where there is neither.
 */
export async function noteWave(
  tx: Tx,
  moment: GateMoment,
  batch: {
    readonly campaignId: string;
    readonly wave: string;
    readonly steps: readonly string[];
    readonly ids: readonly number[];
  },
): Promise<void> {
  const kinds = [
    ...(moment.budgetLeft === null ? [] : ['budget']),
    ...(moment.rivals.length === 0 ? [] : ['yielded']),
  ];
  if (kinds.length === 0) return;
  const { campaignId, wave, steps, ids } = batch;
  await tx`
    insert into wave_notices (campaign_id, wave, kind)
    select ${campaignId}, ${wave}, k.kind from unnest(${kinds}::text[]) as k (kind)
    where not exists (select from wave_notices n where n.campaign_id = ${campaignId} and n.wave = ${wave} and n.kind = k.kind)
      and exists (
        select from deliveries d
        where d.campaign_id = ${campaignId} and d.step = any(${[...steps]}::text[]) and d.profile_id = any(${[...ids]}::bigint[])
          and case k.kind when 'budget' then d.reason = 'budget' else split_part(d.reason, ':', 1) in ('arbitration', 'yielded') end)
    on conflict do nothing`;
}
