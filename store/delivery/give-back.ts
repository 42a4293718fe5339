import { givenBackCtes } from './given-back-sql';
import { keptCost } from './ledger-sql';
import type { ShardSession } from './shard-session';

export interface Deferral {
  readonly id: number;
  /** null: as soon as may be. */
  readonly until: Date | null;
}

/**
 * Plans again what this attempt claimed and did not hand over (a pause, an outage, a limit of whoever carries it), with
 * its contact and its cost given back where no provider may have had it before. The caller vouches that none of these was on the wire, so a mark that was written
 * and not acted upon is undone too; without its lock it cannot vouch for anything, and nothing changes.
 */
export async function giveBack(
  { sql, backendPid }: ShardSession,
  deferrals: readonly Deferral[],
  reason: string,
): Promise<void> {
  if (deferrals.length === 0) return;
  const ids = deferrals.map(({ id }) => id);
  await sql`
    with put_off as (
      select * from unnest(${ids}::bigint[], ${deferrals.map(({ until }) => until?.toISOString() ?? null)}::text[]::timestamptz[]) as p (id, until)
    ),
    back as (
      update deliveries d set state = 'planned', reason = ${reason}, not_before = p.until, cost_micros = ${keptCost(sql, sql`null`)}
      from put_off p
      where d.id = any(${ids}::bigint[]) and d.id = p.id and d.state in ('claimed', 'sending') and pg_backend_pid() = ${backendPid}
      returning d.campaign_id, d.step, d.profile_id, old.cost_micros, d.in_doubt
    ),
    ${givenBackCtes(sql, 'back')}
    select`;
}
