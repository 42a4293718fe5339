import { MESSAGE_STEP } from '../domain/campaigns/steps';
import type { Channel, Hold } from '../domain/shared/words';
import type { Db } from './db';
import { claim, type Claim, type ClaimInput } from './delivery/claim';
import {
  claimMessages,
  laneTerms,
  type ClaimedMessages,
  type LaneTerms,
  type MessagesInput,
} from './delivery/claim-messages';
import { cleared } from './delivery/cleared';
import { closeAborted, type AbortedWaves } from './delivery/close-aborted';
import { waveCounts, waveStanding, type WaveCounts } from './delivery/counts';
import { giveBack, type Deferral } from './delivery/give-back';
import { backOff, backoffsOf, recovered } from './delivery/domain-backoffs';
import { dueIn } from './delivery/due';
import { noteEntries, type EntriesLeft } from './delivery/entries';
import { messageTerms, type MessageTerms } from './delivery/message-terms';
import { planWave, type WavePlan } from './delivery/plan-wave';
import { takeTokens, type TokenRequest } from './delivery/rate-buckets';
import { recipientsFor, type Addressee, type Recipient } from './delivery/recipients';
import { reclaim, reclaimEntries, reclaimMessages, type Leftovers } from './delivery/reclaim';
import { settleTold } from './delivery/settle-told';
import { openShardSession, type ShardSession } from './delivery/shard-session';
import { skipMessages } from './delivery/skip-messages';
import { skipRest } from './delivery/skip-rest';
import type { StillAllowed } from './delivery/still-allowed-sql';
import { turn, type DeliveryOutcome } from './delivery/turn';
import { waveTerms, type WaveKey, type WaveTerms } from './delivery/wave-terms';

/** What sends writes the ledger through: one message to one person for one step, once. Each statement is in a file of its own below delivery/. */
export function createDeliveryStore(db: Db) {
  const sql = db.app;

  /** The provider's event may have come before its answer, or before that was given up. */
  const settleIfTold = async (outcomes: readonly DeliveryOutcome[]): Promise<void> => {
    const others = outcomes.filter(({ outcome }) => outcome.kind !== 'accepted').map(({ id }) => id);
    if (others.length > 0) await settleTold(sql, sql`d.id = any(${others}::bigint[])`);
  };
  /** The same of what a dead attempt left; `within`, a condition over the delivery `d`, is where its rows are. */
  const settledIfTold = async <L extends Omit<Leftovers, 'cursor'>>(
    leftovers: L,
    within: ReturnType<typeof sql>,
  ): Promise<L> => {
    if (leftovers.uncertain + leftovers.replanned > 0) await settleTold(sql, within);
    return leftovers;
  };

  return {
    planWave: (input: Parameters<typeof planWave>[1]): Promise<WavePlan> => planWave(sql, input),
    waveTerms: (key: WaveKey): Promise<WaveTerms> => waveTerms(sql, key),

    openSession: (key: WaveKey & { readonly shard: number }): Promise<ShardSession | null> =>
      openShardSession(db, key),
    messageTerms: (campaignId: string): Promise<MessageTerms> => messageTerms(sql, campaignId),
    /** Of a provider that knows a message again, what is on the wire is planned again too. */
    reclaim: async (
      session: ShardSession,
      key: WaveKey,
      range: { from: number; to: number },
      idempotentChannels: readonly Channel[] = [],
    ): Promise<Leftovers> => {
      const leftovers = await reclaim(session, key, range, idempotentChannels);
      return settledIfTold(
        leftovers,
        sql`d.campaign_id = ${key.campaignId} and d.step = ${key.step} and d.profile_id >= ${range.from} and d.profile_id < ${range.to}`,
      );
    },
    reclaimEntries: async (
      session: ShardSession,
      key: WaveKey,
      idempotentChannels: readonly Channel[] = [],
    ): ReturnType<typeof reclaimEntries> => {
      const leftovers = await reclaimEntries(session, key, idempotentChannels);
      return settledIfTold(leftovers, sql`d.campaign_id = ${key.campaignId} and d.step = ${key.step}`);
    },
    noteEntries: (
      key: Pick<WaveKey, 'campaignId' | 'step'>,
      lateAfterSeconds: number,
    ): Promise<EntriesLeft> => noteEntries(sql, key, lateAfterSeconds),
    claim: (session: ShardSession, input: ClaimInput): Promise<Claim> => claim(session, input),
    laneTerms: (campaignId: string): Promise<LaneTerms> => laneTerms(sql, campaignId),
    claimMessages: (session: ShardSession, input: MessagesInput): Promise<ClaimedMessages> =>
      claimMessages(session, input),
    reclaimMessages: async (
      session: ShardSession,
      campaignId: string,
      idempotentChannels: readonly Channel[] = [],
    ): ReturnType<typeof reclaimMessages> => {
      const leftovers = await reclaimMessages(session, campaignId, idempotentChannels);
      return settledIfTold(
        leftovers,
        sql`d.campaign_id = ${campaignId} and (d.step, d.profile_id) in (
          select ${MESSAGE_STEP} || m.id, m.profile_id from messages m
          where m.campaign_id = ${campaignId} and m.settled_at is null)`,
      );
    },
    /**
     * Records outcomes and marks the next rows `sending`; under the session's lock. Answers the ids marked. The mark is
     * the last thing asked: what is to be looked up about those that did not go well comes before it.
     */
    turn: async (
      session: ShardSession,
      outcomes: readonly DeliveryOutcome[],
      mark: readonly number[],
      channels: readonly Channel[] = [],
      still?: StillAllowed,
    ): Promise<number[]> => {
      const { sql: own, backendPid } = session;
      const more = still === undefined ? {} : { still };
      if (outcomes.every(({ outcome }) => outcome.kind === 'accepted'))
        return turn(own, { outcomes, mark, backendPid, channels, ...more });
      await turn(own, { outcomes, mark: [], backendPid, channels });
      await settleIfTold(outcomes);
      return mark.length === 0 ? [] : turn(own, { outcomes: [], mark, backendPid, channels, ...more });
    },
    /** Which of the rows that their claim wrote as `sending` may go now. still: null where they were judged just now. */
    cleared: (
      session: ShardSession,
      campaignId: string,
      ids: readonly number[],
      still: StillAllowed | null,
    ): Promise<readonly number[]> =>
      cleared(session.sql, { campaignId, ids, backendPid: session.backendPid, still }),
    /** Outcomes alone, lock or not: what is known is written down. */
    recordOutcomes: async (
      outcomes: readonly DeliveryOutcome[],
      channels: readonly Channel[] = [],
    ): Promise<void> => {
      if (outcomes.length === 0) return;
      await turn(sql, { outcomes, mark: [], backendPid: null, channels });
      await settleIfTold(outcomes);
    },
    release: (session: ShardSession, deliveryIds: readonly number[], reason: string): Promise<void> =>
      giveBack(
        session,
        deliveryIds.map((id) => ({ id, until: null })),
        reason,
      ),
    defer: (
      session: ShardSession,
      deferrals: readonly Deferral[],
      reason: 'rate' | 'backoff',
    ): Promise<void> => giveBack(session, deferrals, reason),
    takeTokens: (requests: readonly TokenRequest[]): Promise<number[]> => takeTokens(sql, requests),
    backoffsOf: (domains: readonly string[]): Promise<ReadonlyMap<string, Date>> => backoffsOf(sql, domains),
    backOff: (domains: readonly string[]): Promise<ReadonlyMap<string, Date>> => backOff(sql, domains),
    recovered: (domains: readonly string[]): Promise<void> => recovered(sql, domains),
    skipMessages: async (campaignId: string, reason: string): Promise<void> =>
      skipMessages(sql, await laneTerms(sql, campaignId), reason),
    skipRest: (terms: WaveTerms, reason: string): Promise<number> => skipRest(sql, terms, reason),

    async holdOf(campaignId: string): Promise<Hold> {
      const [row] = await sql<{ hold: Hold }[]>`select hold from campaigns where id = ${campaignId}`;
      return row?.hold ?? 'aborted';
    },

    waveCounts: (key: WaveKey): Promise<WaveCounts> => waveCounts(sql, key),
    /** What its rate and its deadline are judged by; null: it was never planned. */
    waveStanding: (key: WaveKey): ReturnType<typeof waveStanding> => waveStanding(sql, key),
    /** Which of these ranges have somebody whose time comes before then. */
    dueIn: <R extends { readonly from: number; readonly to: number }>(
      key: WaveKey,
      ranges: readonly R[],
      before: Date,
    ): Promise<R[]> => dueIn(sql, key, ranges, before),

    /** Once; a wave that goes on after a continue-as-new keeps the first. */
    async setDeadline({ campaignId, step, wave }: WaveKey, deadlineAt: Date): Promise<void> {
      await sql`
        update waves set deadline_at = coalesce(deadline_at, ${deadlineAt})
        where campaign_id = ${campaignId} and step = ${step} and wave = ${wave}`;
    },

    /** Stamps the end, once. Answers the stored one, ISO 8601. */
    async closeWave({ campaignId, step, wave }: WaveKey): Promise<string | null> {
      const [row] = await sql<{ ended_at: Date }[]>`
        update waves set ended_at = coalesce(ended_at, clock_timestamp())
        where campaign_id = ${campaignId} and step = ${step} and wave = ${wave} returning ended_at`;
      return row?.ended_at.toISOString() ?? null;
    },

    closeAborted: (campaignId: string): Promise<AbortedWaves> => closeAborted(sql, campaignId),

    recipientsFor: (
      addressees: readonly Addressee[],
      channels: readonly Channel[],
    ): Promise<(Recipient | undefined)[]> => recipientsFor(db.identity, addressees, channels),
  };
}

export type DeliveryStore = ReturnType<typeof createDeliveryStore>;
export type {
  Claim,
  ClaimInput,
  DeliveryOutcome,
  Leftovers,
  MessageTerms,
  Recipient,
  ShardSession,
  StillAllowed,
  WaveKey,
  WavePlan,
  WaveTerms,
};
