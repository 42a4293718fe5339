import type { SendOutcome } from '../../domain/delivery/ports';
import { isDeadAddress } from '../../domain/delivery/bounce';
import { isRelayFault, RETRY_POLICY } from '../../domain/delivery/retry-policy';
import type { Sql } from '../db';

export interface DeliveryOutcome {
  readonly id: number;
  readonly outcome: SendOutcome;
}

export interface Turn {
  readonly outcomes: readonly DeliveryOutcome[];
  /** Claimed rows about to be handed over. */
  readonly mark: readonly number[];
  /** Backend that holds the shard's lock. null: outcomes only, nothing may be marked. */
  readonly backendPid: number | null;
}

const codeOf = (outcome: SendOutcome): string | null => (outcome.kind === 'accepted' ? null : outcome.code);

/**
 * Records what became of messages and marks the next ones `sending`, in one statement, so that the rows marked are
 * never more than the messages that may be on the wire. Marks nothing while the campaign is held: a pause is in
 * force for the very next message. Answers the ids that were marked.
 *
 * A contact stays reserved exactly while its row is claimed, sending, accepted or uncertain. An `uncertain` row may
 * still learn what became of it, from an attempt that outlived its lock or from the provider; it is never sent again.
 */
export async function turn(sql: Sql, { outcomes, mark, backendPid }: Turn): Promise<number[]> {
  const ids = outcomes.map((o) => o.id);
  const rows = await sql<{ id: number }[]>`
    with outcome as materialized (
      select * from unnest(
        ${ids}::bigint[],
        ${outcomes.map((o) => o.outcome.kind)}::text[],
        ${outcomes.map((o) => codeOf(o.outcome))}::text[],
        ${outcomes.map((o) => (o.outcome.kind === 'accepted' ? o.outcome.providerId : null))}::text[],
        ${flags(outcomes.map((o) => o.outcome.kind === 'retry' && isRelayFault(o.outcome.code)))}::boolean[],
        ${flags(outcomes.map((o) => o.outcome.kind === 'failed' && isDeadAddress(o.outcome.code)))}::boolean[]
      ) as o (id, kind, code, provider_id, relay_fault, dead)
    ),
    recorded as (
      update deliveries d set
        state = case when o.kind <> 'retry' then o.kind
          when o.relay_fault or d.attempts + 1 < ${RETRY_POLICY.maxAttempts} then 'planned' else 'failed' end,
        code = o.code,
        reason = case when o.kind = 'retry' then 'retry' when o.kind = 'uncertain' then o.code end,
        provider_id = coalesce(nullif(o.provider_id, ''), d.provider_id),
        attempts = d.attempts + case when o.relay_fault then 0 else 1 end,
        not_before = case when o.kind = 'retry' then clock_timestamp() + make_interval(
          secs => ${RETRY_POLICY.firstDelaySeconds}::float8 * case when o.relay_fault then 1 else ${RETRY_POLICY.factor}::float8 ^ d.attempts end) end,
        settled_at = case when o.kind <> 'retry' then clock_timestamp()
          when not o.relay_fault and d.attempts + 1 >= ${RETRY_POLICY.maxAttempts} then clock_timestamp() end
      from outcome o
      where d.id = any(${ids}::bigint[]) and d.id = o.id and (d.state = 'sending'
        or (d.state = 'claimed' and pg_backend_pid() = ${backendPid})
        or (d.state = 'uncertain' and o.kind in ('accepted', 'failed')))
      returning d.id, d.campaign_id, d.step, d.profile_id, d.state, o.dead
    ),
    released as (
      delete from contacts c using recorded r
      where r.state in ('failed', 'planned')
        and c.campaign_id = r.campaign_id and c.step = r.step and c.profile_id = r.profile_id
    ),
    buried as (
      insert into suppressions (fingerprint, reason)
      select distinct p.email_fp, 'hard-bounce' from recorded r join profiles p on p.id = r.profile_id
      where r.state = 'failed' and r.dead and p.email_fp is not null
      on conflict do nothing
    ),
    marked as (
      update deliveries d set state = 'sending' from campaigns c
      where d.id = any(${[...mark]}::bigint[]) and d.state = 'claimed'
        and c.id = d.campaign_id and c.hold = 'run' and pg_backend_pid() = ${backendPid}
      returning d.id
    )
    select id from marked`;
  return rows.map((row) => row.id);
}

/** The driver types an array of booleans as one boolean; as a literal it arrives whole. */
const flags = (values: readonly boolean[]): string => `{${values.join(',')}}`;
