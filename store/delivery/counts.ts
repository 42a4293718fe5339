import type { DeliveryCounts } from '../../domain/campaigns/audience';
import { RECENT_SECONDS, type WaveStanding } from '../../domain/campaigns/wave-progress';
import type { DeliveryState } from '../../domain/shared/words';
import type { Sql } from '../db';
import { MESSAGES_WAVE } from './claim-messages';
import { stepName } from './credited-sql';
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
  const n = (state: DeliveryState): number =>
    rows.reduce((sum, row) => (row.state === state ? sum + row.n : sum), 0);
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

export async function waveStanding(
  sql: Sql,
  { campaignId, step, wave }: WaveKey,
): Promise<(WaveStanding & { readonly now: Date; readonly deadlineAt: Date | null }) | null> {
  const [row] = await sql<(WaveStanding & { now: Date; deadlineAt: Date | null })[]>`
    select w.planned, w.planned - count(d.id) filter (where d.settled_at is not null) as open,
      extract(epoch from clock_timestamp() - w.started_at)::float8 as "elapsedSeconds",
      count(d.id) filter (where d.settled_at > clock_timestamp() - make_interval(secs => ${RECENT_SECONDS})) as recent,
      w.ended_at is not null as ended, clock_timestamp() as now, w.deadline_at as "deadlineAt"
    from waves w left join deliveries d using (campaign_id, step, wave)
    where w.campaign_id = ${campaignId} and w.step = ${step} and w.wave = ${wave}
    group by w.campaign_id, w.step, w.wave`;
  return row ?? null;
}

/** What a wave's people wait for, beside their turn; how many were settled of late. */
export interface WaveFlow {
  readonly recent: number;
  /** Of planned rows, by reason: `quiet-hours`, `cap`, `rate`, `backoff`, `arbitration`, `retry`, `fallback`, `paused`… */
  readonly waiting: Readonly<Record<string, number>>;
}

/** Each wave of a campaign, oldest first, in one reading of its ledger. */
export async function countsByWave(
  sql: Sql,
  campaignId: string,
): Promise<(Pick<WaveKey, 'step' | 'wave'> & DeliveryCounts & WaveFlow)[]> {
  const [waves, rows] = await Promise.all([
    sql<{ step: string; wave: string; planned: number }[]>`
      select step, wave, planned from (
        select step, wave, planned, started_at from waves where campaign_id = ${campaignId}
        union all
        select 'message', ${MESSAGES_WAVE}, count(*), min(created_at) from messages
        where campaign_id = ${campaignId} having count(*) > 0
      ) w order by started_at, wave`,
    sql<(StateRow & { step: string; wave: string; recent: number; reason: string | null })[]>`
      select ${stepName(sql)} as step, wave, state, case when state = 'planned' then split_part(reason, ':', 1) end as reason, count(*) as n,
        null as next_at, count(*) filter (where settled_at > now() - make_interval(secs => ${RECENT_SECONDS})) as recent
      from deliveries d where campaign_id = ${campaignId} group by 1, 2, 3, 4`,
  ]);
  return waves.map(({ step, wave, planned }) => {
    const of = rows.filter((row) => row.step === step && row.wave === wave);
    return {
      step,
      wave,
      ...countsOf(planned, of),
      recent: of.reduce((sum, row) => sum + row.recent, 0),
      waiting: Object.fromEntries(of.flatMap(({ reason, n }) => (reason === null ? [] : [[reason, n]]))),
    };
  });
}
