import type { Scenario } from '../../domain/campaigns/scenario';
import { FIRST_STEP, MESSAGE_STEP } from '../../domain/campaigns/steps';
import { BoucleError } from '../../domain/shared/errors';
import type { Sql, Tx } from '../db';
import { writtenColumns, type ClaimedDelivery, type WrittenDelivery } from './claim';
import { gateMoment } from './gate-moment';
import { gateCtes } from './gate-sql';
import { ledgerCtes, type CreativeRef } from './ledger-sql';
import type { ShardSession } from './shard-session';
import { channelPolicies, controlArmsOf, defaultArmOf, gateTermsOf, type WaveTerms } from './wave-terms';

/** Names the lock of the lane: one at a time sends, so that two messages to one person meet the gate in turn. */
export const LANE_KEY = { campaignId: 'messages', step: 'messages', wave: 'messages', shard: 0 } as const;

/** Wave of every service message of a campaign. */
export const MESSAGES_WAVE = 'messages';

/** A campaign's messages as a wave that never ends: everybody gets the same arm and persona. */
export interface LaneTerms extends WaveTerms {
  readonly arm: string;
  readonly persona: string;
}

export interface MessagesInput {
  readonly terms: LaneTerms;
  readonly limit: number;
  readonly creatives: readonly CreativeRef[];
}

export interface ClaimedMessages {
  /** Fewer than the limit means that none is left that may be looked at now. */
  readonly looked: number;
  readonly claimed: readonly ClaimedDelivery[];
}

/** Throws `not-found`. */
export async function laneTerms(sql: Sql, campaignId: string): Promise<LaneTerms> {
  const [row] = await sql<{ scenario: Scenario }[]>`select scenario from campaigns where id = ${campaignId}`;
  if (row === undefined) throw new BoucleError('not-found', `There is no campaign ${campaignId}.`);
  const { scenario } = row;
  const arm = defaultArmOf(scenario);
  return {
    campaignId,
    step: FIRST_STEP,
    wave: MESSAGES_WAVE,
    ...gateTermsOf(scenario, FIRST_STEP, await channelPolicies(sql)),
    part: 'rollout',
    arm,
    defaultArm: arm,
    persona: scenario.audience.fallbackPersona ?? scenario.audience.personas[0] ?? '',
    buckets: { from: 0, to: 10_000 },
    controlArms: controlArmsOf(scenario),
    planned: 0,
  };
}

interface DueMessage {
  readonly id: string;
  readonly profile_id: number;
  readonly deadline_at: Date;
}

/**
 * One batch of single messages through the same gate and into the same ledger, under the key `m.<id>` each. Of several
 * to one person the oldest is looked at, and the next claim, which counts it, takes the next. Those whose ledger row
 * has ended are settled first.
 */
export async function claimMessages(session: ShardSession, input: MessagesInput): Promise<ClaimedMessages> {
  const { sql, backendPid } = session;
  const { terms, limit, creatives } = input;
  await settleEnded(sql, terms.campaignId);
  return sql.begin(async (tx) => {
    const due = await dueMessages(tx, terms.campaignId, limit);
    const batch = [...new Map(due.toReversed().map((message) => [message.profile_id, message])).values()];
    if (batch.length === 0) return { looked: 0, claimed: [] };
    const moment = await gateMoment(
      tx,
      terms,
      batch.map((message) => message.profile_id),
      { lock: true },
    );
    const written = await tx<WrittenDelivery[]>`
      with person as materialized (
        select x.profile_id, ${terms.persona}::text as persona, ${MESSAGE_STEP} || x.id as step, x.deadline_at,
          false as control, ${terms.arm}::text as arm, d.tried
        from unnest(
          ${batch.map((m) => m.id)}::text[], ${batch.map((m) => m.profile_id)}::bigint[],
          ${batch.map((m) => m.deadline_at.toISOString())}::timestamptz[]
        ) as x (id, profile_id, deadline_at)
        left join deliveries d
          on d.campaign_id = ${terms.campaignId} and d.step = ${MESSAGE_STEP} || x.id and d.profile_id = x.profile_id
      ),
      ${gateCtes(tx, terms, moment)},
      ${ledgerCtes(tx, { terms, wave: terms.wave, creatives, budgetLeft: moment.budgetLeft, backendPid })},
      answered as (
        update messages m set not_before = l.not_before,
          settled_at = case when l.state = 'skipped' then clock_timestamp() end
        from ledger l where l.step = ${MESSAGE_STEP} || m.id
      )
      select ${writtenColumns(tx)} from ledger order by profile_id`;
    return {
      looked: due.length > batch.length ? limit : due.length,
      claimed: written.filter((row) => row.state === 'claimed'),
    };
  });
}

const dueMessages = (tx: Tx, campaignId: string, limit: number) => tx<DueMessage[]>`
  select m.id, m.profile_id, m.deadline_at
  from messages m
  left join deliveries d on d.campaign_id = m.campaign_id and d.step = ${MESSAGE_STEP} || m.id and d.profile_id = m.profile_id
  where m.campaign_id = ${campaignId} and m.settled_at is null and coalesce(m.not_before, '-infinity') <= clock_timestamp()
    and (d.state is null or (d.state = 'planned' and coalesce(d.not_before, '-infinity') <= clock_timestamp()))
  order by m.created_at limit ${limit} for update of m skip locked`;

/** Also of a person who is gone: nobody is left to write to. */
const settleEnded = async (sql: Sql, campaignId: string): Promise<void> => {
  await sql`
    update messages m set settled_at = coalesce(e.settled_at, clock_timestamp())
    from (
      select w.id, d.settled_at from messages w
      left join deliveries d on d.campaign_id = w.campaign_id and d.step = ${MESSAGE_STEP} || w.id and d.profile_id = w.profile_id
      where w.campaign_id = ${campaignId} and w.settled_at is null
        and (d.state in ('accepted', 'failed', 'skipped', 'uncertain')
          or (d.state is null and not exists (select from profiles p where p.id = w.profile_id)))
    ) e
    where m.id = e.id`;
};
