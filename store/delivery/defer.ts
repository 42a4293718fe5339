import type { ShardSession } from './shard-session';

export interface Deferral {
  readonly id: number;
  readonly until: Date;
}

/**
 * Puts claimed rows off until a time of their own, for a reason that lies with whoever carries them (`rate`,
 * `backoff`): planned again, contact and cost given back. Under the shard's lock; without it nothing changes.
 */
export async function defer(
  { sql, backendPid }: ShardSession,
  deferrals: readonly Deferral[],
  reason: 'rate' | 'backoff',
): Promise<void> {
  if (deferrals.length === 0) return;
  const ids = deferrals.map(({ id }) => id);
  await sql`
    with put_off as (
      select * from unnest(${ids}::bigint[], ${deferrals.map(({ until }) => until.toISOString())}::text[]::timestamptz[]) as p (id, until)
    ),
    back as (
      update deliveries d set state = 'planned', reason = ${reason}, not_before = p.until, cost_micros = null
      from put_off p
      where d.id = any(${ids}::bigint[]) and d.id = p.id and d.state = 'claimed' and pg_backend_pid() = ${backendPid}
      returning d.campaign_id, d.step, d.profile_id, coalesce(old.cost_micros, 0) as reserved
    ),
    budget as (
      update campaign_budgets b set spent_micros = greatest(0, b.spent_micros - s.reserved)
      from (select campaign_id, sum(reserved) as reserved from back group by campaign_id) s
      where b.campaign_id = s.campaign_id and s.reserved > 0
    )
    delete from contacts c using back b
    where c.campaign_id = b.campaign_id and c.step = b.step and c.profile_id = b.profile_id`;
}
