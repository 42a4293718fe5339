import type postgres from 'postgres';
import type { Channel } from '../../domain/shared/words';
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
}

/**
 * What the gate's `verdict` comes to, as common table expressions: the ledger's rows, the contacts and the cost that
 * those allowed reserve, and what control people were told. Who is refused gets their row with the reason at once; who
 * is put off is `planned` with a time. Leaves `ledger`, the rows written.
 */
export function ledgerCtes(sql: Sql | Tx, input: LedgerInput): postgres.Fragment {
  const { terms, wave, creatives, budgetLeft, backendPid } = input;
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
  ${budgetLeft === null ? sql`affordable as (select * from priced)` : affordableCte(sql, budgetLeft)},
  ledger as (
    insert into deliveries as d (campaign_id, step, profile_id, wave, arm, persona, channel, creative_id,
      state, reason, open_pixel, consent_event_id, not_before, settled_at, cost_micros)
    select ${terms.campaignId}, v.step, v.profile_id, ${wave}, v.arm, v.persona, v.channel, v.creative_id,
      case when v.reason is null then 'claimed' when v.not_before is not null then 'planned' else 'skipped' end,
      v.reason, v.open_pixel, v.consent_event_id, v.not_before,
      case when v.reason is not null and v.not_before is null then clock_timestamp() end,
      case when v.reason is null then v.micros end
    from affordable v
    order by v.profile_id
    on conflict (campaign_id, step, profile_id) do update
      set state = excluded.state, reason = excluded.reason, open_pixel = excluded.open_pixel,
        consent_event_id = excluded.consent_event_id, not_before = excluded.not_before, channel = excluded.channel,
        creative_id = excluded.creative_id, cost_micros = excluded.cost_micros, gated_at = excluded.gated_at,
        settled_at = excluded.settled_at
      where d.state = 'planned' and d.wave = excluded.wave
    returning d.id, d.profile_id, d.step, d.channel, d.persona, d.arm, d.creative_id, d.open_pixel, d.state, d.reason,
      d.not_before, d.cost_micros
  ),
  reserved as (
    insert into contacts (profile_id, at, nature, channel, department, format, campaign_id, step)
    select l.profile_id, statement_timestamp(), ${terms.nature}, l.channel, ${terms.department}, ${terms.format}, ${terms.campaignId}, l.step
    from ledger l where l.state = 'claimed'
    on conflict (campaign_id, step, profile_id) do nothing
  ),
  ${budgetLeft === null ? sql`` : spentCte(sql, terms)}
  -- Control people meet the same gate and reserve nothing. Put off, they count from when they would have had it.
  controls as (
    insert into control_gate (campaign_id, step, profile_id, wave, arm, persona, allowed, reason, gated_at)
    select ${terms.campaignId}, v.step, v.profile_id, ${wave}, v.arm, v.persona,
      v.reason is null or v.not_before is not null, v.reason, coalesce(v.not_before, clock_timestamp())
    from verdict v where v.control and pg_backend_pid() = ${backendPid}
    on conflict (campaign_id, step, profile_id) do nothing
  )`;
}

/** In order, as far as the money goes; from the first who is too dear on, only what costs nothing. */
const affordableCte = (sql: Sql | Tx, budgetLeft: number): postgres.Fragment => sql`
  affordable as (
    select v.profile_id, v.step, v.arm, v.persona, v.channel, v.creative_id, v.open_pixel, v.consent_event_id, v.not_before, v.micros,
      case when v.reason is null and v.micros > 0
          and sum(v.micros) filter (where v.reason is null) over (order by v.profile_id) > ${budgetLeft}
        then 'budget' else v.reason end as reason
    from priced v
  )`;

/** The claim holds the budget's row since before this statement began, so the sum it adds to is the present one. */
const spentCte = (sql: Sql | Tx, terms: StepTerms): postgres.Fragment => sql`
  spent as (
    update campaign_budgets b set spent_micros = b.spent_micros + s.micros
    from (select sum(cost_micros) as micros from ledger where state = 'claimed') s
    where b.campaign_id = ${terms.campaignId} and s.micros > 0
  ),`;

/**
 * Gives the budget back what rows had reserved that are not sent after all: `rows (campaign_id, cost_micros)` names the
 * common table expression that has them, with the cost from before it was taken off the row.
 */
export const refundedCte = (sql: Sql | Tx, rows: string): postgres.Fragment => sql`
  refunded as (
    update campaign_budgets b set spent_micros = greatest(0, b.spent_micros - r.micros)
    from (select campaign_id, sum(cost_micros) as micros from ${sql(rows)} group by campaign_id) r
    where b.campaign_id = r.campaign_id and r.micros > 0
  )`;
