import type { Channel } from '../../domain/shared/words';
import { arrayLiteral } from '../array-literal';
import type { Sql, Tx } from '../db';
import { dueEntries, newEntries } from './entries';
import { isConditional } from './gate-caps-sql';
import { gateMoment, type GateMoment } from './gate-moment';
import { gateCtes } from './gate-sql';
import { earlierColumns, earlierJoin } from './gate-steps-sql';
import { ledgerCtes, type CreativeRef } from './ledger-sql';
import { noteWave } from './note-wave';
import type { ShardSession } from './shard-session';
import { areNeighbours, within } from './span';
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
  /** From then on the channel is closed to this person; null: it stays open for longer than anything waits. */
  readonly closesAt: Date | null;
}

export interface ClaimInput {
  readonly terms: WaveTerms;
  readonly deadlineAt: Date;
  /** Who has never been looked at, or whose time has come again. */
  readonly source: 'new' | 'due';
  /** Profile ids [from, to), after `cursor`. */
  readonly range: { readonly from: number; readonly to: number };
  readonly cursor: number;
  /** People who entered a continuous campaign: whoever is owed a message, with any id. The range is everybody. */
  readonly entries?: boolean;
  readonly limit: number;
  readonly creatives: readonly CreativeRef[];
  /**
   * Writes what is allowed as `sending` at once, which saves the statement that would mark it: for a provider that knows
   * a message again, and where each row of the batch has its place on the wire.
   */
  readonly sending?: boolean;
}

export interface Claim {
  /** People looked at; fewer than the limit means that the range is done. */
  readonly looked: number;
  /** Where the next claim goes on. */
  readonly cursor: number;
  readonly claimed: readonly ClaimedDelivery[];
}

/**
 * One batch through the gate in one transaction: lock the people, then judge, write the ledger and reserve contacts.
 * Two statements, because in one the count of contacts reads a snapshot older than the lock and lets caps be passed.
 */
export async function claim(session: ShardSession, input: ClaimInput): Promise<Claim> {
  const { sql, backendPid } = session;
  const { terms, range, cursor, creatives, sending = false } = input;
  const [due, fresh] = input.entries === true ? [dueEntries, newEntries] : [dueRows, newMembers];
  const rows = await (input.source === 'due' ? due : fresh)(sql, input);
  const ids = rows.map((row) => row.profile_id);
  const last = ids.at(-1);
  if (last === undefined) return { looked: 0, cursor: Math.max(cursor, range.from - 1), claimed: [] };

  return sql.begin(async (tx) => {
    const [, moment] = await Promise.all([
      // A plan kept for any batch takes its arrays for short and joins by nested loops: at 5,000 people half as fast.
      tx`set local plan_cache_mode = force_custom_plan`,
      gateMoment(tx, terms, ids, { lock: true, prices: creatives }),
    ]);
    const ledger = ledgerCtes(tx, {
      terms,
      wave: terms.wave,
      creatives,
      budgetLeft: moment.budgetLeft,
      backendPid,
      sending,
      fresh: input.source === 'new',
      controls: terms.controlArms.length > 0,
    });
    const [, written] = await Promise.all([
      tx`select set_config('enable_nestloop', ${joinsStretches(moment, ids.length) ? 'off' : 'on'}, true)`,
      tx<ClaimedDelivery[]>`
        with ${personCte(tx, input, ids, moment)},
        ${gateCtes(tx, terms, moment)},
        ${ledger}
        ${claimedRows(tx)}`,
    ]);
    await noteWave(tx, moment, { ...terms, steps: [terms.step], ids });
    return { looked: ids.length, cursor: last, claimed: claimedOf(written, moment) };
  });
}

/** Rows that a claim answers, with the hour until which each may go. */
export const claimedOf = (
  rows: readonly ClaimedDelivery[],
  { closings }: GateMoment,
): readonly ClaimedDelivery[] =>
  closings.size === 0
    ? rows
    : rows.map((row) => ({ ...row, closesAt: closings.get(row.channel)?.get(row.profileId) ?? null }));

/** Of `ledger`, those allowed. */
export const claimedRows = (sql: Sql | Tx) => sql`
  select id, profile_id as "profileId", step, channel, persona, arm, creative_id as "creativeId", open_pixel as "openPixel",
    null as "closesAt"
  from ledger where state in ('claimed', 'sending') order by profile_id`;

/**
 * Whether the gate had better join stretches of the people's rows than look each person up: the planner takes two ranges
 * over the same ids for chance and expects a tenth of them. Only where it asks for nothing but rows that `within` bounds.
 */
const joinsStretches = ({ span, caps, rivals, stated }: GateMoment, people: number): boolean =>
  areNeighbours(span, people) && rivals.length === 0 && !stated && !caps.some(isConditional);

/** The batch as the gate takes it. Somebody of a later step keeps the arm of their earlier message. */
function personCte(
  tx: Tx,
  { terms, source, deadlineAt }: ClaimInput,
  ids: readonly number[],
  { span }: GateMoment,
) {
  const control = tx`coalesce(m.arm = any(${[...terms.controlArms]}::text[]), false)`;
  const earlierArm = terms.follows === null ? tx`null` : tx`e.arm`;
  const again = source === 'due';
  const own = tx`d.campaign_id = m.campaign_id and d.step = ${terms.step} and d.profile_id = m.profile_id
        and ${within(tx, tx`d.profile_id`, span)}`;
  return tx`
    person as materialized (
      select m.profile_id, m.persona, ${terms.step}::text as step, ${deadlineAt}::timestamptz as deadline_at, ${control} as control,
        case when ${control} then m.arm else coalesce(${earlierArm}, ${terms.arm}::text, m.arm, ${terms.defaultArm}) end as arm,
        ${again ? tx`d.tried, d.in_doubt` : tx`null::text[] as tried, null::text as in_doubt`}
        ${earlierColumns(tx, terms)}
      from audience_members m
      ${again ? tx`join deliveries d on ${own}` : tx``}
      ${earlierJoin(tx, terms, span)}
      where m.campaign_id = ${terms.campaignId} and m.part = ${terms.part} and m.profile_id = any(${arrayLiteral(ids)}::bigint[])
        and ${again ? tx`d.state = 'planned' and d.wave = ${terms.wave}` : tx`not exists (select from deliveries d where ${own})`}
    )`;
}

const newMembers = (sql: Sql, { terms, range, cursor, limit }: ClaimInput) => sql<{ profile_id: number }[]>`
  select profile_id from audience_members
  where campaign_id = ${terms.campaignId} and part = ${terms.part}
    and profile_id >= ${range.from} and profile_id > ${cursor} and profile_id < ${range.to}
    and bucket >= ${terms.buckets.from} and bucket < ${terms.buckets.to}
  order by profile_id limit ${limit}`;

/** No index names `state`: this reads the shard's own stretch of the key, some thousand rows. */
const dueRows = (sql: Sql, { terms, range, cursor, limit }: ClaimInput) => sql<{ profile_id: number }[]>`
  select profile_id from deliveries
  where campaign_id = ${terms.campaignId} and step = ${terms.step}
    and profile_id >= ${range.from} and profile_id > ${cursor} and profile_id < ${range.to}
    and wave = ${terms.wave} and state = 'planned' and coalesce(not_before, '-infinity') <= clock_timestamp()
  order by profile_id limit ${limit}`;
