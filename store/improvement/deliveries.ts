import { deliveryCounts } from '../../domain/campaigns/audience';
import type { ReportDeliveries } from '../../domain/improvement/report-data';
import type { DeliveryState } from '../../domain/shared/words';
import type { Sql } from '../db';
import { MESSAGES_WAVE } from '../delivery/claim-messages';
import { stepName } from '../delivery/credited-sql';

interface WaveRow {
  readonly step: string;
  readonly wave: string;
  readonly part: string;
  readonly arm: string | null;
  readonly planned: number;
  readonly withheld: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

interface StateRow {
  readonly step: string;
  readonly wave: string;
  readonly state: DeliveryState;
  readonly reason: string;
  readonly count: number;
}

/** One pass over the ledger: waves, states and reasons come from the same rows, so that they agree. */
export async function readDeliveries(sql: Sql, campaignId: string): Promise<ReportDeliveries> {
  const [waves, states] = await Promise.all([
    sql<WaveRow[]>`
      select step, wave, part, arm, planned, withheld, started_at as "startedAt", ended_at as "endedAt" from waves
      where campaign_id = ${campaignId}
      union all
      select 'message', ${MESSAGES_WAVE}, 'rollout', null, count(*), 0, min(created_at), null from messages
      where campaign_id = ${campaignId} having count(*) > 0
      order by "startedAt", step, wave`,
    sql<StateRow[]>`
      select ${stepName(sql)} as step, wave, state, coalesce(case when state = 'failed' then code else reason end, 'unknown') as reason, count(*) as count
      from deliveries d where campaign_id = ${campaignId} group by 1, 2, 3, 4`,
  ]);
  const byWave = waves.map((wave) => ({
    ...wave,
    ...deliveryCounts(
      wave.planned,
      states.filter((row) => row.step === wave.step && row.wave === wave.wave),
    ),
    startedAt: wave.startedAt.toISOString(),
    endedAt: wave.endedAt?.toISOString() ?? null,
  }));
  const planned = waves.reduce((sum, wave) => sum + wave.planned, 0);
  return {
    ...deliveryCounts(planned, states),
    withheld: waves.reduce((sum, wave) => sum + wave.withheld, 0),
    waves: byWave,
    reasons: reasonsOf(states),
  };
}

function reasonsOf(rows: readonly StateRow[]): ReportDeliveries['reasons'] {
  const counts = new Map<string, { state: string; reason: string; count: number }>();
  for (const { state, reason, count } of rows) {
    if (state !== 'failed' && state !== 'skipped' && state !== 'uncertain') continue;
    const key = `${state} ${reason}`;
    counts.set(key, { state, reason, count: (counts.get(key)?.count ?? 0) + count });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}
