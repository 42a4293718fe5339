import type { Channel, DeliveryState } from '../../domain/shared/words';
import type { Sql, Tx } from '../db';
import { gateMoment } from './gate-moment';
import { gateCtes } from './gate-sql';
import { earlierColumns, earlierJoin } from './gate-steps-sql';
import { ledgerCtes, type CreativeRef } from './ledger-sql';
import type { ShardSession } from './shard-session';
import type { WaveTerms } from './wave-terms';

export interface ClaimedDelivery {
  readonly id: number;
  readonly profileId: number;
  readonly persona: string;
  readonly arm: string;
  readonly creativeId: number | null;
  readonly step: string;
  /** The one the gate chose among the wave's. */
  readonly channel: Channel;
  /** Consent to having opens seen, at this moment. */
  readonly openPixel: boolean;
}

export interface ClaimInput {
  readonly terms: WaveTerms;
  readonly deadlineAt: Date;
  /** Who has never been looked at, or whose time has come again. */
  readonly source: 'new' | 'due';
  /** Profile ids [from, to), after `cursor`. */
  readonly range: { readonly from: number; readonly to: number };
  readonly cursor: number;
  /**
   * Of the new ones, those without a row, wherever a former attempt had got to: people enter a continuous campaign with
   * lower ids than those already looked at. A round begins with the cursor below the range.
   */
  readonly unseen?: boolean;
  readonly limit: number;
  readonly creatives: readonly CreativeRef[];
}

export interface Claim {
  /** People looked at; fewer than the limit means that the range is done. */
  readonly looked: number;
  /** Where the next claim goes on. */
  readonly cursor: number;
  readonly claimed: readonly ClaimedDelivery[];
}

/** A row of the ledger as a claim wrote it. */
export interface WrittenDelivery extends ClaimedDelivery {
  readonly state: DeliveryState;
}

/**
 * One batch through the gate in one transaction: lock the people, then judge, write the ledger and reserve contacts.
 * Two statements, because in one the count of contacts reads a snapshot older than the lock and lets caps be passed.
 */
export async function claim(session: ShardSession, input: ClaimInput): Promise<Claim> {
  const { sql, backendPid } = session;
  const { terms, range, cursor, creatives } = input;
  const rows = await (input.source === 'due'
    ? dueRows(sql, input)
    : input.unseen === true
      ? unseenMembers(sql, input)
      : newMembers(sql, input));
  const ids = rows.map((row) => row.profile_id);
  const last = ids.at(-1);
  if (last === undefined) return { looked: 0, cursor: Math.max(cursor, range.from - 1), claimed: [] };

  return sql.begin(async (tx) => {
    const [, moment] = await Promise.all([
      // A plan kept for any batch takes its arrays for short and joins by nested loops: at 5,000 people half as fast.
      tx`set local plan_cache_mode = force_custom_plan`,
      gateMoment(tx, terms, ids, { lock: true }),
    ]);
    const written = await tx<WrittenDelivery[]>`
      with ${personCte(tx, input, ids, moment.budgetLeft !== null)},
      ${gateCtes(tx, terms, moment)},
      ${ledgerCtes(tx, { terms, wave: terms.wave, creatives, budgetLeft: moment.budgetLeft, backendPid })}
      select ${writtenColumns(tx)} from ledger order by profile_id`;
    return { looked: ids.length, cursor: last, claimed: written.filter((row) => row.state === 'claimed') };
  });
}

export const writtenColumns = (sql: Sql | Tx) => sql`
  id, profile_id as "profileId", step, channel, persona, arm, creative_id as "creativeId", open_pixel as "openPixel", state`;

/** The batch as the gate takes it. Somebody of a later step keeps the arm of their earlier message. */
function personCte(
  tx: Tx,
  { terms, source, deadlineAt }: ClaimInput,
  ids: readonly number[],
  budget: boolean,
) {
  const control = tx`coalesce(m.arm = any(${[...terms.controlArms]}::text[]), false)`;
  const earlierArm = terms.follows === null ? tx`null` : tx`e.arm`;
  const tried = source === 'due' && terms.channels.length > 1;
  // With a budget held, a row that somebody else is about to change is not waited for: they may wait for the budget.
  const own = tried || budget;
  return tx`
    person as materialized (
      select m.profile_id, m.persona, ${terms.step}::text as step, ${deadlineAt}::timestamptz as deadline_at, ${control} as control,
        case when ${control} then m.arm else coalesce(${earlierArm}, ${terms.arm}::text, m.arm, ${terms.defaultArm}) end as arm,
        ${tried ? tx`d.tried` : tx`null::text[] as tried`}
        ${earlierColumns(tx, terms)}
      from audience_members m
      ${own ? tx`left join deliveries d on d.campaign_id = m.campaign_id and d.step = ${terms.step} and d.profile_id = m.profile_id` : tx``}
      ${earlierJoin(tx, terms)}
      where m.campaign_id = ${terms.campaignId} and m.part = ${terms.part} and m.profile_id = any(${[...ids]}::bigint[])
        ${own ? tx`and (d.profile_id is null or (d.state = 'planned' and d.wave = ${terms.wave}))` : tx``}
    )`;
}

const newMembers = (sql: Sql, { terms, range, cursor, limit }: ClaimInput) => sql<{ profile_id: number }[]>`
  select profile_id from audience_members
  where campaign_id = ${terms.campaignId} and part = ${terms.part}
    and profile_id >= ${range.from} and profile_id > ${cursor} and profile_id < ${range.to}
    and bucket >= ${terms.buckets.from} and bucket < ${terms.buckets.to}
  order by profile_id limit ${limit}`;

const unseenMembers = (sql: Sql, { terms, range, cursor, limit }: ClaimInput) => sql<
  { profile_id: number }[]
>`
  select m.profile_id from audience_members m
  where m.campaign_id = ${terms.campaignId} and m.part = ${terms.part}
    and m.profile_id >= ${range.from} and m.profile_id > ${cursor} and m.profile_id < ${range.to}
    and m.bucket >= ${terms.buckets.from} and m.bucket < ${terms.buckets.to}
    and not exists (
      select from deliveries d where d.campaign_id = m.campaign_id and d.step = ${terms.step} and d.profile_id = m.profile_id)
    and not exists (
      select from control_gate g where g.campaign_id = m.campaign_id and g.step = ${terms.step} and g.profile_id = m.profile_id)
  order by m.profile_id limit ${limit}`;

/** No index names `state`: this reads the shard's own stretch of the key, some thousand rows. */
const dueRows = (sql: Sql, { terms, range, cursor, limit }: ClaimInput) => sql<{ profile_id: number }[]>`
  select profile_id from deliveries
  where campaign_id = ${terms.campaignId} and step = ${terms.step}
    and profile_id >= ${range.from} and profile_id > ${cursor} and profile_id < ${range.to}
    and wave = ${terms.wave} and state = 'planned' and coalesce(not_before, '-infinity') <= clock_timestamp()
  order by profile_id limit ${limit}`;
