import type { Db } from './db';
import { claim, type Claim, type ClaimInput } from './delivery/claim';
import { closeAborted, type AbortedWaves } from './delivery/close-aborted';
import { waveCounts, type WaveCounts } from './delivery/counts';
import { forecastGate } from './delivery/forecast';
import { listDeliveries, type DeliveryFilter, type DeliveryRow } from './delivery/list';
import { planWave, type WavePlan } from './delivery/plan-wave';
import { recipientsFor, type Recipient } from './delivery/recipients';
import { reclaim, release, type Leftovers } from './delivery/reclaim';
import { openShardSession, type ShardSession } from './delivery/shard-session';
import { skipRest } from './delivery/skip-rest';
import { turn, type DeliveryOutcome } from './delivery/turn';
import { waveTerms, type GateTerms, type WaveKey, type WaveTerms } from './delivery/wave-terms';

export type Hold = 'run' | 'paused' | 'aborted';

/** The ledger: one message to one person for one step, once. Each statement is in a file of its own below delivery/. */
export function createDeliveryStore(db: Db) {
  const sql = db.app;
  return {
    planWave: (input: Parameters<typeof planWave>[1]): Promise<WavePlan> => planWave(sql, input),
    waveTerms: (key: WaveKey): Promise<WaveTerms> => waveTerms(sql, key),

    openSession: (key: WaveKey & { readonly shard: number }): Promise<ShardSession | null> =>
      openShardSession(db, key),
    reclaim: (session: ShardSession, key: WaveKey, range: { from: number; to: number }): Promise<Leftovers> =>
      reclaim(session, key, range),
    claim: (session: ShardSession, input: ClaimInput): Promise<Claim> => claim(session, input),
    /** Records outcomes and marks the next rows `sending`; under the session's lock. Answers the ids marked. */
    turn: (
      session: ShardSession,
      outcomes: readonly DeliveryOutcome[],
      mark: readonly number[],
    ): Promise<number[]> => turn(session.sql, { outcomes, mark, backendPid: session.backendPid }),
    /** Outcomes alone, lock or not: what is known is written down. */
    recordOutcomes: async (outcomes: readonly DeliveryOutcome[]): Promise<void> => {
      if (outcomes.length > 0) await turn(sql, { outcomes, mark: [], backendPid: null });
    },
    release: (session: ShardSession, deliveryIds: readonly number[], reason: string): Promise<void> =>
      release(session, deliveryIds, reason),
    skipRest: (terms: WaveTerms, reason: string): Promise<number> => skipRest(sql, terms, reason),

    async holdOf(campaignId: string): Promise<Hold> {
      const [row] = await sql<{ hold: Hold }[]>`select hold from campaigns where id = ${campaignId}`;
      return row?.hold ?? 'aborted';
    },

    waveCounts: (key: WaveKey): Promise<WaveCounts> => waveCounts(sql, key),

    /** Stamps the end, once. Answers the stored one, ISO 8601. */
    async closeWave({ campaignId, step, wave }: WaveKey): Promise<string | null> {
      const [row] = await sql<{ ended_at: Date }[]>`
        update waves set ended_at = coalesce(ended_at, clock_timestamp())
        where campaign_id = ${campaignId} and step = ${step} and wave = ${wave} returning ended_at`;
      return row?.ended_at.toISOString() ?? null;
    },

    closeAborted: (campaignId: string): Promise<AbortedWaves> => closeAborted(sql, campaignId),

    list: (filter: DeliveryFilter): Promise<DeliveryRow[]> => listDeliveries(sql, filter),
    forecastGate: (terms: GateTerms, profileIds: readonly number[]): ReturnType<typeof forecastGate> =>
      forecastGate(sql, terms, profileIds),

    recipientsFor: (profileIds: readonly number[]): Promise<Recipient[]> =>
      recipientsFor(db.identity, profileIds),
  };
}

export type DeliveryStore = ReturnType<typeof createDeliveryStore>;
export type {
  Claim,
  ClaimInput,
  DeliveryFilter,
  DeliveryOutcome,
  DeliveryRow,
  GateTerms,
  Leftovers,
  Recipient,
  ShardSession,
  WaveKey,
  WavePlan,
  WaveTerms,
};
