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

/** Each wave of a campaign, oldest first, in one reading of its ledger. */
export async function countsByWave(
  sql: Sql,
  campaignId: string,
): Promise<(Pick<WaveKey, 'step' | 'wave'> & DeliveryCounts)[]> {
  const [waves, rows] = await Promise.all([
    sql<{ step: string; wave: string; planned: number }[]>`
      select step, wave, planned from waves where campaign_id = ${campaignId} order by started_at, wave`,
    sql<(StateRow & { step: string; wave: string })[]>`
      select step, wave, state, count(*) as n, null as next_at
      from deliveries where campaign_id = ${campaignId} group by step, wave, state`,
  ]);
  return waves.map(({ step, wave, planned }) => ({
    step,
    wave,
    ...countsOf(
      planned,
      rows.filter((row) => row.step === step && row.wave === wave),
    ),
  }));
}
