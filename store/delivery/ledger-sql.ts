import type postgres from 'postgres';
import type { Channel } from '../../domain/shared/words';
import { cheaperLeft } from '../../domain/delivery/too-dear';
import type { Sql, Tx } from '../db';
import type { StepTerms } from './wave-terms';

/** What a message to this persona, arm and channel is, and the most that one of them may cost. */
export interface CreativeRef {
  readonly persona: string;
  readonly arm: string;
  readonly channel: Channel;
  readonly creativeId: number;
  /** Millionths of a euro; left out, nothing. */
  readonly unitMicros?: number;
}

interface LedgerInput {
  readonly terms: StepTerms;
  readonly wave: string;
  readonly creatives: readonly CreativeRef[];
  /** Millionths of a euro; null: the campaign has no budget. */
  readonly budgetLeft: number | null;
  /** Backend that holds the shard's lock: on another one nothing is written. */
  readonly backendPid: number;
  /** What is allowed is `sending` from the start: its messages have their places on the wire. */
  readonly sending?: boolean;
  /** Nobody of `verdict` has a row of this step, nor gets one meanwhile: looking for it takes a fifth of an insert. */
  readonly fresh: boolean;
  /** Somebody of `verdict` may be in a control arm. */
  readonly controls: boolean;
}

/**
 * What the gate's `verdict` comes to, as common table expressions: the ledger's rows, the contacts and the cost that
 * those allowed reserve, and what control people were told. Who is refused gets their row with the reason at once; who
 * is put off is `planned` with a time. Leaves `ledger`, the rows written.
 */
export function ledgerCtes(sql: Sql | Tx, input: LedgerInput): postgres.Fragment {
  const { terms, wave, creatives, budgetLeft, backendPid, sending = false, fresh, controls } = input;
  const allowed = sending ? 'sending' : 'claimed';
  return sql`
  creative as materialized (
    select * from unnest(
      ${creatives.map((c) => c.persona)}::text[], ${creatives.map((c) => c.arm)}::text[], ${creatives.map((c) => c.channel)}::text[],
      ${creatives.map((c) => c.creativeId)}::bigint[], ${creatives.map((c) => c.unitMicros ?? 0)}::int[]
    ) as c (persona, arm, channel, creative_id, micros)
  ),
  priced as (
    select v.*, c.creative_id, coalesce(c.micros, 0) as micros
    from verdict v left join creative c on c.persona = v.persona and c.arm = v.arm and c.channel = v.channel
    where not v.control and pg_backend_pid() = ${backendPid}
  ),
  ${budgetLeft === null ? sql`affordable as (select * from priced)` : affordableCte(sql, budgetLeft, cheaperLeft(terms.channels, creatives, budgetLeft))},
  ledger as (
    insert into deliveries as d (campaign_id, step, profile_id, wave, arm, persona, channel, creative_id,
      state, reason, open_pixel, consent_event_id, not_before, settled_at, cost_micros)
    select ${terms.campaignId}, v.step, v.profile_id, ${wave}, v.arm, v.persona, v.channel, v.creative_id,
      case when v.reason is null then ${allowed} when v.not_before is not null then 'planned' else 'skipped' end,
      v.reason, v.open_pixel, v.consent_event_id, v.not_before,
      case when v.reason is not null and v.not_before is null then clock_timestamp() end,
      case when v.reason is null then v.micros end
    from affordable v
    order by v.profile_id
    ${
      fresh
        ? sql``
        : sql`on conflict (campaign_id, step, profile_id) do update
      set state = case when excluded.state = 'skipped' then ${unsentState(sql)} else excluded.state end,
        reason = case when excluded.state = 'skipped' then ${unsentReason(sql, refusal(sql))} else excluded.reason end,
        channel = case when excluded.state = 'skipped' then ${unsentChannel(sql, sql`excluded.channel`)} else excluded.channel end,
        open_pixel = excluded.open_pixel, consent_event_id = excluded.consent_event_id, not_before = excluded.not_before,
        creative_id = excluded.creative_id, cost_micros = ${keptCost(sql, sql`excluded.cost_micros`)}, gated_at = excluded.gated_at,
        settled_at = excluded.settled_at, looks = ${looksWith(sql)}
      where d.state = 'planned' and d.wave = excluded.wave`
    }
    returning d.id, d.profile_id, d.step, d.channel, d.persona, d.arm, d.creative_id, d.open_pixel, d.state, d.reason,
      d.not_before, coalesce(new.cost_micros, 0) - coalesce(old.cost_micros, 0) as spent
  ),
  reserved as (
    insert into contacts (profile_id, at, nature, channel, department, format, campaign_id, step)
    select l.profile_id, statement_timestamp(), ${terms.nature}, l.channel, ${terms.department}, ${terms.format}, ${terms.campaignId}, l.step
    from ledger l where l.state = ${allowed}
    ${fresh ? sql`` : sql`on conflict (campaign_id, step, profile_id) do nothing`}
  )
  ${budgetLeft === null ? sql`` : spentCte(sql, terms)}
  ${controls ? controlsCte(sql, input) : sql``}`;
}

/** Control people meet the same gate and reserve nothing. Put off, they count from when they would have had it. */
const controlsCte = (sql: Sql | Tx, { terms, wave, backendPid }: LedgerInput): postgres.Fragment => sql`
  , controls as (
    insert into control_gate (campaign_id, step, profile_id, wave, arm, persona, allowed, reason, gated_at)
    select ${terms.campaignId}, v.step, v.profile_id, ${wave}, v.arm, v.persona,
      v.reason is null or v.not_before is not null, v.reason, coalesce(v.not_before, clock_timestamp())
    from verdict v where v.control and pg_backend_pid() = ${backendPid}
    on conflict (campaign_id, step, profile_id) do nothing
  )`;

/**
 * How a row `d` ends that is sent no more. One that failed on a channel and may use no other has failed: it keeps that
 * channel and its code, and the reason says why there is no other. One that a provider may have had, and that may not be
 * asked again, is uncertain: it keeps what it reserved too, and the reason says why nobody asks.
 */
export const unsentState = (sql: Sql | Tx): postgres.Fragment =>
  sql`case when d.in_doubt is not null then 'uncertain' when d.tried is null then 'skipped' else 'failed' end`;

export const unsentReason = (sql: Sql | Tx, reason: postgres.Fragment): postgres.Fragment =>
  sql`case when d.in_doubt is null then ${reason} else 'in-doubt:' || ${reason} end`;

export const unsentChannel = (sql: Sql | Tx, otherwise: postgres.Fragment): postgres.Fragment =>
  sql`coalesce(d.in_doubt, d.tried[cardinality(d.tried)], ${otherwise})`;

/** Rows put off over and over keep so many of the times. */
const MOST_LOOKS = 50;

/** Of a row `d` that is looked at again: with what it waited for until now. */
const looksWith = (sql: Sql | Tx): postgres.Fragment => sql`
          case when d.reason is null or jsonb_array_length(d.looks) >= ${MOST_LOOKS} then d.looks
            else coalesce(d.looks, '[]') || jsonb_build_object('at', d.gated_at, 'reason', d.reason, 'until', d.not_before, 'channel', d.channel) end`;

/** Who waited for another campaign that has had their slot since went to that campaign. */
const refusal = (sql: Sql | Tx): postgres.Fragment => sql`
          case when excluded.reason like 'cap:%' and d.reason like 'arbitration:%' and exists (
            select from contacts c where c.profile_id = d.profile_id and c.campaign_id = split_part(d.reason, ':', 2))
            then 'yielded:' || split_part(d.reason, ':', 2) else excluded.reason end`;

/** Of a row `d`: in doubt, it stays reserved. */
export const keptCost = (sql: Sql | Tx, otherwise: postgres.Fragment): postgres.Fragment =>
  sql`case when d.in_doubt is null then ${otherwise} else coalesce(${otherwise}, d.cost_micros) end`;

/**
 * In order, as far as the money goes; from the first who is too dear on, only what costs nothing. Where a cheaper
 * channel is left, they are looked at again: less is left by then, and the dear one no longer pays.
 */
const affordableCte = (sql: Sql | Tx, budgetLeft: number, cheaper: boolean): postgres.Fragment => sql`
  affordable as (
    select v.profile_id, v.step, v.arm, v.persona, v.channel, v.creative_id, v.open_pixel, v.consent_event_id, v.micros,
      case when v.stopped then 'budget' else v.reason end as reason,
      ${cheaper ? sql`case when v.stopped then statement_timestamp() else v.not_before end` : sql`v.not_before`} as not_before
    from (
      -- What is in doubt has its money from before.
      select *, reason is null and micros > 0 and in_doubt is null
        and sum(micros) filter (where reason is null and in_doubt is null) over (order by profile_id) > ${budgetLeft} as stopped
      from priced
    ) v
  )`;

/** The claim holds the budget's row since before this statement began, so the sum it adds to is the present one. */
const spentCte = (sql: Sql | Tx, terms: StepTerms): postgres.Fragment => sql`
  , spent as (
    update campaign_budgets b set spent_micros = b.spent_micros + s.micros
    from (select sum(spent) as micros from ledger) s
    where b.campaign_id = ${terms.campaignId} and s.micros <> 0
  )`;

/**
 * Gives the budget back what rows had reserved that are not sent after all: `rows (campaign_id, cost_micros)` names the
 * common table expression that has them, with the cost from before it was taken off the row, and `in_doubt`.
 */
export const refundedCte = (sql: Sql | Tx, rows: string): postgres.Fragment => sql`
  refunded as (
    update campaign_budgets b set spent_micros = greatest(0, b.spent_micros - r.micros)
    from (select campaign_id, sum(cost_micros) as micros from ${sql(rows)} where in_doubt is null group by campaign_id) r
    where b.campaign_id = r.campaign_id and r.micros > 0
  )`;
