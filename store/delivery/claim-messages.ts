import type postgres from 'postgres';
import { BUCKETS } from '../../domain/campaigns/audience';
import type { Scenario } from '../../domain/campaigns/scenario';
import { FIRST_STEP, MESSAGE_STEP } from '../../domain/campaigns/steps';
import { BoucleError } from '../../domain/shared/errors';
import type { Sql, Tx } from '../db';
import { claimedOf, claimedRows, type ClaimedDelivery } from './claim';
import { gateMoment } from './gate-moment';
import { gateCtes } from './gate-sql';
import { ledgerCtes, type CreativeRef } from './ledger-sql';
import { noteWave } from './note-wave';
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
  /** Steps of messages handed over or put off since the last claim: what the ledger says of them is taken over first. */
  readonly told?: readonly string[];
  /** The caller the last claim ended with: the next one in the order of their names has the first turn. */
  readonly after?: string;
}

export interface ClaimedMessages {
  /** Fewer than the limit means that none is left that may be looked at now. */
  readonly looked: number;
  readonly claimed: readonly ClaimedDelivery[];
  /** Whose message was the last of them; null: none was looked at. */
  readonly caller: string | null;
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
    buckets: { from: 0, to: BUCKETS },
    controlArms: controlArmsOf(scenario),
    planned: 0,
  };
}

interface DueMessage {
  readonly id: string;
  readonly profile_id: number;
  readonly deadline_at: Date;
  readonly created_by: string;
}

/**
 * One batch of single messages through the same gate and into the same ledger, under the key `m.<id>` each. Of several
 * to one person the oldest is looked at, and the next claim, which counts it, takes the next. Once nobody waits any more,
 * all whose ledger row has ended are settled; a backlog of them is not read by each claim.
 */
export async function claimMessages(session: ShardSession, input: MessagesInput): Promise<ClaimedMessages> {
  const { sql, backendPid } = session;
  const { terms, limit, creatives, told = [], after = '' } = input;
  if (told.length > 0)
    await followLedger(sql, terms.campaignId, sql`and w.id = any(${told.map(idOf)}::text[])`);
  const claim = await sql.begin(async (tx): Promise<ClaimedMessages> => {
    const due = await dueMessages(tx, terms.campaignId, limit, after);
    const batch = [...new Map(due.toReversed().map((message) => [message.profile_id, message])).values()];
    if (batch.length === 0) return { looked: 0, claimed: [], caller: null };
    const moment = await gateMoment(
      tx,
      terms,
      batch.map((message) => message.profile_id),
      { lock: true, prices: creatives },
    );
    const written = await tx<ClaimedDelivery[]>`
      with person as materialized (
        select x.profile_id, ${terms.persona}::text as persona, ${MESSAGE_STEP} || x.id as step, x.deadline_at,
          false as control, ${terms.arm}::text as arm, d.tried, d.in_doubt
        from unnest(
          ${batch.map((m) => m.id)}::text[], ${batch.map((m) => m.profile_id)}::bigint[],
          ${batch.map((m) => m.deadline_at.toISOString())}::timestamptz[]
        ) as x (id, profile_id, deadline_at)
        left join deliveries d
          on d.campaign_id = ${terms.campaignId} and d.step = ${MESSAGE_STEP} || x.id and d.profile_id = x.profile_id
      ),
      ${gateCtes(tx, terms, moment)},
      ${ledgerCtes(tx, { terms, wave: terms.wave, creatives, budgetLeft: moment.budgetLeft, backendPid, fresh: false, controls: false })},
      answered as (
        update messages m set not_before = l.not_before,
          settled_at = case when l.state in ('failed', 'skipped', 'uncertain') then clock_timestamp() end
        from ledger l where l.step = ${MESSAGE_STEP} || m.id
      )
      ${claimedRows(tx)}`;
    await noteWave(tx, moment, {
      ...terms,
      steps: batch.map((m) => `${MESSAGE_STEP}${m.id}`),
      ids: batch.map((m) => m.profile_id),
    });
    return {
      looked: due.length > batch.length ? limit : due.length,
      claimed: claimedOf(written, moment),
      caller: due.at(-1)?.created_by ?? null,
    };
  });
  if (claim.looked < limit) await followLedger(sql, terms.campaignId, sql``);
  return claim;
}

const idOf = (step: string): string => step.slice(MESSAGE_STEP.length);

/** Each caller's oldest first, one of each caller in turn: who asks for thousands at once holds up nobody else. */
const dueMessages = (tx: Tx, campaignId: string, limit: number, after: string) => tx<DueMessage[]>`
  with recursive caller as (
    (select created_by from messages where campaign_id = ${campaignId} and settled_at is null order by created_by limit 1)
    union all
    select (
      select m.created_by from messages m
      where m.campaign_id = ${campaignId} and m.settled_at is null and m.created_by > c.created_by
      order by m.created_by limit 1)
    from caller c where c.created_by is not null
  ),
  due as materialized (
    select o.id, row_number() over (partition by c.created_by order by o.since) as turn
    from caller c
    cross join lateral (
      (select m.id, m.created_at as since ${waiting(tx, campaignId)} and m.not_before is null
        order by m.created_at limit ${limit})
      union all
      (select m.id, m.not_before as since ${waiting(tx, campaignId)} and m.not_before <= clock_timestamp()
        order by m.not_before limit ${limit})
    ) o
  )
  select m.id, m.profile_id, m.deadline_at, m.created_by
  from messages m join due on due.id = m.id
  where m.settled_at is null
  order by due.turn, m.created_by <= ${after}, m.created_by limit ${limit} for update of m skip locked`;

/** Of the caller's messages, those whose ledger row is not under way. */
const waiting = (tx: Tx, campaignId: string) => tx`
      from messages m
      left join deliveries d on d.campaign_id = m.campaign_id and d.step = ${MESSAGE_STEP} || m.id and d.profile_id = m.profile_id
      where m.campaign_id = ${campaignId} and m.created_by = c.created_by and m.settled_at is null
        and (d.state is null or (d.state = 'planned' and coalesce(d.not_before, '-infinity') <= clock_timestamp()))`;

/**
 * Settles messages whose ledger row has ended, also those of a person who is gone: nobody is left to write to. Who was put
 * off queues again from that time on, behind those who have waited since before.
 */
const followLedger = async (sql: Sql, campaignId: string, which: postgres.Fragment): Promise<void> => {
  await sql`
    update messages m set not_before = coalesce(e.not_before, m.not_before),
      settled_at = case when e.ended then coalesce(e.settled_at, clock_timestamp()) end
    from (
      select w.id, d.settled_at, d.not_before, w.not_before as before,
        coalesce(d.state in ('accepted', 'failed', 'skipped', 'uncertain'),
          not exists (select from profiles p where p.id = w.profile_id)) as ended
      from messages w
      left join deliveries d on d.campaign_id = w.campaign_id and d.step = ${MESSAGE_STEP} || w.id and d.profile_id = w.profile_id
      where w.campaign_id = ${campaignId} and w.settled_at is null ${which}
    ) e
    where m.id = e.id and (e.ended or e.not_before <> coalesce(e.before, '-infinity'))`;
};
