import { releasedCtes } from './given-back-sql';
import { isDeadAddress } from '../../domain/delivery/bounce';
import { isRelayFault, isSilence, RETRY_POLICY } from '../../domain/delivery/retry-policy';
import { arrayLiteral } from '../array-literal';
import type { Sql, Tx } from '../db';
import type { Turn } from './turn';

type Recording = Pick<Turn, 'outcomes' | 'backendPid' | 'channels'>;

/**
 * Common table expressions that write down what became of messages, each with a comma after it. Nearly every group is
 * all accepted, and then there is little to do: the whole of it takes 1.2 to 2.3 times as long.
 */
export function recordCtes(sql: Sql | Tx, recording: Recording) {
  const { outcomes } = recording;
  if (outcomes.length === 0) return sql``;
  return outcomes.every(({ outcome }) => outcome.kind === 'accepted')
    ? sql`${allAccepted(sql, recording)} ${budget(sql)}`
    : sql`${anyOutcome(sql, recording)} ${budget(sql)}`;
}

/**
 * As `anyOutcome` does with an accepted one: no slot to give back, no address to bury, nothing to plan again. The state is
 * asked by a `case`, and the ids are not named beside the join: statistics taken in the middle of a wave know of nobody
 * who is `sending`, a kept plan takes a list of ids for ten, and for so few rows the planner compares each with each,
 * which takes seconds where thousands are recorded. Of a `case` it expects half of the rows.
 */
function allAccepted(sql: Sql | Tx, { outcomes, backendPid }: Recording) {
  const ids = arrayLiteral(outcomes.map((o) => o.id));
  const costs = arrayLiteral(outcomes.map((o) => o.costMicros ?? null));
  return sql`
    recorded as (
      update deliveries d set state = 'accepted', code = null, reason = null, not_before = null, settled_at = clock_timestamp(),
        provider_id = coalesce(nullif(o.provider_id, ''), d.provider_id), attempts = d.attempts + 1,
        cost_micros = coalesce(o.cost, d.cost_micros)
      from unnest(${ids}::bigint[],
        ${outcomes.map(({ outcome }) => (outcome.kind === 'accepted' ? outcome.providerId : null))}::text[],
        ${costs}::int[]) as o (id, provider_id, cost)
      where d.id = o.id
        and case d.state when 'claimed' then pg_backend_pid() = ${backendPid} else d.state in ('sending', 'uncertain') end
      returning d.campaign_id, coalesce(new.cost_micros, 0) - coalesce(old.cost_micros, 0) as spent
    ),`;
}

function anyOutcome(sql: Sql | Tx, { outcomes, backendPid, channels }: Recording) {
  const ids = arrayLiteral(outcomes.map((o) => o.id));
  const costs = arrayLiteral(outcomes.map((o) => o.costMicros ?? null));
  const exhausted = sql`(o.kind = 'retry' and not o.relay_fault and d.attempts + 1 >= ${RETRY_POLICY.maxAttempts})`;
  const doubtful = sql`(o.silent or d.in_doubt is not null)`;
  // A message that cannot be made any more: its provider, which may have had it, was not asked.
  const unasked = sql`(o.kind = 'failed' and d.in_doubt is not null and d.state = 'claimed')`;
  // Asked in vain for the last time, of a message that may well have gone.
  const unknown = sql`(o.kind = 'uncertain' or ${unasked} or (${exhausted} and ${doubtful}))`;
  const lost = sql`((o.kind = 'failed' and not ${unasked}) or (${exhausted} and not ${doubtful}))`;
  const elsewhere = sql`(${lost} and d.state <> 'uncertain' and exists (
    select from unnest(${[...channels]}::text[]) c where c <> d.channel and c <> all(coalesce(d.tried, '{}'))))`;
  return sql`
    outcome as materialized (
      select * from unnest(
        ${ids}::bigint[],
        ${outcomes.map((o) => o.outcome.kind)}::text[],
        ${outcomes.map(({ outcome }) => (outcome.kind === 'accepted' ? null : outcome.code))}::text[],
        ${outcomes.map(({ outcome }) => (outcome.kind === 'accepted' ? outcome.providerId : null))}::text[],
        ${costs}::int[],
        ${outcomes.map(({ outcome }) => (outcome.kind === 'retry' ? (outcome.retryAfterSeconds ?? 0) : 0))}::float8[],
        ${flags(outcomes.map(({ outcome }) => outcome.kind === 'retry' && isRelayFault(outcome.code)))}::boolean[],
        ${flags(outcomes.map(({ outcome }) => outcome.kind === 'retry' && isSilence(outcome.code)))}::boolean[],
        ${flags(outcomes.map(({ outcome, channel }) => outcome.kind === 'failed' && isDeadAddress(channel, outcome.code)))}::boolean[]
      ) as o (id, kind, code, provider_id, cost, retry_after, relay_fault, silent, dead)
    ),
    recorded as (
      update deliveries d set
        state = case when o.kind = 'accepted' then 'accepted' when ${unknown} then 'uncertain' when ${lost} and not ${elsewhere} then 'failed' else 'planned' end,
        code = o.code,
        reason = case when ${elsewhere} then 'fallback' when ${unknown} then o.code
          when o.kind = 'retry' and not ${exhausted} then 'retry' end,
        tried = case when ${elsewhere} then array_append(d.tried, d.channel) else d.tried end,
        in_doubt = case when ${lost} then null when o.silent then d.channel else d.in_doubt end,
        provider_id = coalesce(nullif(o.provider_id, ''), d.provider_id),
        attempts = case when ${elsewhere} then 0 when o.relay_fault then d.attempts else d.attempts + 1 end,
        not_before = case when o.kind = 'retry' and not ${exhausted} then clock_timestamp() + make_interval(
          secs => greatest(least(o.retry_after, ${RETRY_POLICY.mostAskedSeconds}::float8),
            ${RETRY_POLICY.firstDelaySeconds}::float8 * case when o.relay_fault then 1 else ${RETRY_POLICY.factor}::float8 ^ d.attempts end)) end,
        settled_at = case when o.kind = 'accepted' or ${unknown} or (${lost} and not ${elsewhere}) then clock_timestamp() end,
        cost_micros = case when o.kind = 'accepted' then coalesce(o.cost, d.cost_micros)
          when ${unknown} or (not ${lost} and ${doubtful}) then d.cost_micros end
      from outcome o
      where d.id = o.id and case d.state when 'claimed' then pg_backend_pid() = ${backendPid}
        when 'uncertain' then o.kind in ('accepted', 'failed') else d.state = 'sending' end
      returning d.campaign_id, d.step, d.profile_id, d.state, d.channel, d.in_doubt, o.dead,
        coalesce(new.cost_micros, 0) - coalesce(old.cost_micros, 0) as spent
    ),
    ${releasedCtes(sql, 'recorded', sql`(r.state = 'failed' or (r.state = 'planned' and r.in_doubt is null))`)},
    buried as (
      insert into suppressions (fingerprint, reason)
      select distinct fingerprint, 'hard-bounce'
      from recorded r join profiles p on p.id = r.profile_id
      cross join lateral (select case r.channel when 'email' then p.email_fp when 'sms' then p.phone_fp end as fingerprint) f
      where r.dead and fingerprint is not null
      on conflict do nothing
    ),`;
}

const budget = (sql: Sql | Tx) => sql`
    -- What a message cost may be more than was reserved for it: spent is what was spent, also past the limit, so that
    -- what is given back later opens only what it leaves below it.
    budget as (
      update campaign_budgets b set spent_micros = greatest(0, b.spent_micros + s.spent)
      from (select campaign_id, sum(spent) as spent from recorded group by campaign_id) s
      where b.campaign_id = s.campaign_id and s.spent <> 0
    ),`;

/** The driver types an array of booleans as one boolean; as a literal it arrives whole. */
const flags = (values: readonly boolean[]): string => `{${values.join(',')}}`;
