import type { Sql } from '../db';
import type { WaveKey } from './wave-terms';

/**
 * Which of a wave's ranges hold a planned row whose time comes before then: a round for a few who were put off need
 * not visit every shard. Ranges are profile ids [from, to).
 */
export async function dueIn<R extends { readonly from: number; readonly to: number }>(
  sql: Sql,
  { campaignId, step, wave }: WaveKey,
  ranges: readonly R[],
  before: Date,
): Promise<R[]> {
  const rows = await sql<{ nth: number }[]>`
    select r.nth from unnest(${ranges.map(({ from }) => from)}::bigint[], ${ranges.map(({ to }) => to)}::bigint[])
      with ordinality as r ("from", "to", nth)
    where exists (
      select from deliveries d
      where d.campaign_id = ${campaignId} and d.step = ${step} and d.profile_id >= r."from" and d.profile_id < r."to"
        and d.wave = ${wave} and (d.state in ('claimed', 'sending')
          or (d.state = 'planned' and coalesce(d.not_before, '-infinity') <= ${before})))
    order by r.nth`;
  return rows.flatMap(({ nth }) => ranges[nth - 1] ?? []);
}
