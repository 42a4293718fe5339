import type { DeliveryCounts } from '../../domain/campaigns/audience';
import type { DeliveryState } from '../../domain/shared/words';
import type { Sql } from '../db';
import type { WaveKey } from './wave-terms';

export interface WaveCounts extends DeliveryCounts {
  /** When the earliest deferred row may go, ISO 8601; null: none is deferred. */
  readonly nextAt: string | null;
}

interface StateRow {
  readonly state: DeliveryState;
  readonly n: number;
  readonly next_at: Date | null;
}

/**
 * Open rows are counted and those without a row come on top, instead of taking `open` for whatever is missing: a
 * ledger that does not add up must show.
 */
function countsOf(planned: number, rows: readonly StateRow[]): DeliveryCounts {
  const n = (state: DeliveryState): number => rows.find((row) => row.state === state)?.n ?? 0;
  const written = rows.reduce((sum, row) => sum + row.n, 0);
  return {
    planned,
    accepted: n('accepted'),
    failed: n('failed'),
    skipped: n('skipped'),
    uncertain: n('uncertain'),
    open: n('planned') + n('claimed') + n('sending') + Math.max(0, planned - written),
  };
}

export async function waveCounts(sql: Sql, { campaignId, step, wave }: WaveKey): Promise<WaveCounts> {
  const [waves, rows] = await Promise.all([
    sql<{ planned: number }[]>`
      select planned from waves where campaign_id = ${campaignId} and step = ${step} and wave = ${wave}`,
    sql<StateRow[]>`
      select state, count(*) as n, min(coalesce(not_before, clock_timestamp())) filter (where state = 'planned') as next_at
      from deliveries where campaign_id = ${campaignId} and step = ${step} and wave = ${wave} group by state`,
  ]);
  const nextAt = rows.find((row) => row.state === 'planned')?.next_at ?? null;
  return { ...countsOf(waves[0]?.planned ?? 0, rows), nextAt: nextAt === null ? null : nextAt.toISOString() };
}

/** All waves of a campaign together. `planned` is of the waves planned so far. */
export async function campaignCounts(sql: Sql, campaignId: string): Promise<DeliveryCounts> {
  const [waves, rows] = await Promise.all([
    sql<
      { planned: number }[]
    >`select coalesce(sum(planned), 0)::bigint as planned from waves where campaign_id = ${campaignId}`,
    sql<StateRow[]>`
      select state, count(*) as n, null as next_at from deliveries where campaign_id = ${campaignId} group by state`,
  ]);
  return countsOf(waves[0]?.planned ?? 0, rows);
}

/** Why deliveries ended as they did: skips by reason, failures and uncertainties by code. */
export async function reasonCounts(
  sql: Sql,
  campaignId: string,
): Promise<{ state: DeliveryState; reason: string; n: number }[]> {
  const rows = await sql<{ state: DeliveryState; reason: string; n: number }[]>`
    select state, coalesce(case when state = 'failed' then code else reason end, 'unknown') as reason, count(*) as n
    from deliveries where campaign_id = ${campaignId} and state in ('failed', 'skipped', 'uncertain')
    group by 1, 2 order by 1, 3 desc, 2`;
  return [...rows];
}
