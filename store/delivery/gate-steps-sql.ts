import type postgres from 'postgres';
import type { StepCondition } from '../../domain/campaigns/scenario';
import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import type { Sql, Tx } from '../db';
import { within, type Span } from './span';
import type { StepTerms } from './wave-terms';

type Fragment = postgres.Fragment;

/** Joins to a person's row `m` what became of their earlier message; control people have the gate's judgement of them. */
export const earlierJoin = (sql: Sql | Tx, terms: StepTerms, span: Span): Fragment =>
  terms.follows === null
    ? sql``
    : sql`
    left join deliveries e
      on e.campaign_id = ${terms.campaignId} and e.step = ${terms.follows.step} and e.profile_id = m.profile_id and ${within(sql, sql`e.profile_id`, span)}
    left join control_gate g
      on g.campaign_id = ${terms.campaignId} and g.step = ${terms.follows.step} and g.profile_id = m.profile_id and ${within(sql, sql`g.profile_id`, span)}`;

export const earlierColumns = (sql: Sql | Tx, terms: StepTerms): Fragment =>
  terms.follows === null
    ? sql``
    : sql`, e.id as earlier_id, coalesce(e.state, case when g.allowed then 'accepted' else g.reason end) as earlier_state,
    coalesce(e.settled_at, g.gated_at) as earlier_at, e.not_before as earlier_not_before`;

/** The states the earlier message may have ended in. One that was accepted may still turn out not to have arrived. */
const statesFor = (when: StepCondition): string[] =>
  when === 'failed' ? ['failed', 'accepted'] : ['accepted'];

/**
 * `when … then`s of somebody `q` for whom a later step is not. Until it is due nothing else refuses them: a consent or an
 * address may come meanwhile, and what is true then decides.
 */
export function stepRefusals(sql: Sql | Tx, terms: StepTerms): Fragment {
  const { follows } = terms;
  if (follows === null) return sql``;
  const untrue = conditionFails(sql, terms, follows.when);
  return sql`
        when not ${stillOpen(sql, terms)} and not coalesce(q.earlier_state = any(${statesFor(follows.when)}::text[]), false) then 'not-contacted'
        ${untrue === null ? sql`` : sql`when not ${stillOpen(sql, terms)} and ${dueAt(sql, follows.afterSeconds)} <= statement_timestamp() and ${untrue} then 'condition'`}
        when ${stillOpen(sql, terms)} or ${dueAt(sql, follows.afterSeconds)} > statement_timestamp() then null`;
}

/** When the step falls due, and at the earliest for somebody whose earlier message has not ended yet. */
export function stepDeferrals(sql: Sql | Tx, terms: StepTerms): { at: Fragment; reason: Fragment }[] {
  const { follows } = terms;
  if (follows === null) return [];
  const after = sql`make_interval(secs => ${follows.afterSeconds}::float8)`;
  return [
    {
      at: sql`case when ${stillOpen(sql, terms)}
        then greatest(coalesce(q.earlier_not_before, statement_timestamp()), statement_timestamp()) + ${after} end`,
      reason: sql`'not-contacted'`,
    },
    {
      at: sql`case when not ${stillOpen(sql, terms)} and ${dueAt(sql, follows.afterSeconds)} > statement_timestamp()
        then ${dueAt(sql, follows.afterSeconds)} end`,
      reason: sql`'not-due'`,
    },
  ];
}

const dueAt = (sql: Sql | Tx, afterSeconds: number): Fragment =>
  sql`q.earlier_at + make_interval(secs => ${afterSeconds}::float8)`;

/** People of a continuous campaign may have entered a moment ago and have no row yet. */
const stillOpen = (sql: Sql | Tx, { continuous }: StepTerms): Fragment =>
  continuous
    ? sql`coalesce(q.earlier_state in ('planned', 'claimed', 'sending'), true)`
    : sql`coalesce(q.earlier_state in ('planned', 'claimed', 'sending'), false)`;

/** Who clicked has read it, whether or not the pixel may say so. null: nothing more is asked. */
function conditionFails(sql: Sql | Tx, terms: StepTerms, when: StepCondition): Fragment | null {
  const happened = (types: readonly string[]): Fragment => sql`exists (
          select from events v where v.profile_id = q.profile_id and v.type = any(${[...types]}::text[]) and v.delivery_id = q.earlier_id)`;
  switch (when) {
    case 'accepted':
      return null;
    case 'failed':
      return sql`q.earlier_state <> 'failed' and not exists (
          select from events v where v.profile_id = q.profile_id and v.delivery_id = q.earlier_id
            and (v.type = any(${[MESSAGE_EVENTS.letterRefused, MESSAGE_EVENTS.letterReturned]}::text[])
              or (v.type = ${MESSAGE_EVENTS.bounced} and v.properties ->> 'bounce' = 'hard')))`;
    case 'not-clicked':
      return happened([MESSAGE_EVENTS.clicked]);
    case 'not-opened':
      return happened([MESSAGE_EVENTS.opened, MESSAGE_EVENTS.clicked]);
    case 'not-converted':
      return sql`exists (
          select from events v where v.profile_id = q.profile_id and v.type = ${terms.conversionEvent} and v.at >= q.earlier_at)`;
  }
}
