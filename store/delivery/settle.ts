import { givenBackCtes } from './given-back-sql';
import type { Sql } from '../db';

/** What turned out about messages nobody knew the fate of. */
interface Told {
  readonly outcome: 'accepted' | 'failed';
  /** Who says so: a person's name, or `provider`. */
  readonly by: string;
  /** What they say it by: the provider's code, a ticket. No personal data: it stands in the ledger. */
  readonly evidence: string | null;
}

export interface Settlement extends Told {
  readonly deliveryId: number;
}

export interface BulkSettlement extends Told {
  readonly campaignId: string;
  readonly wave: string | null;
  /** Uncertain for at least so long. */
  readonly olderThanSeconds: number;
}

/** Answers whether the delivery was uncertain: one that is settled already stays as it is. */
export const settle = async (sql: Sql, settlement: Settlement): Promise<boolean> =>
  (await settleWhere(sql, settlement, sql`d.id = ${settlement.deliveryId}`)) > 0;

/** Answers how many were settled. */
export const settleMany = (sql: Sql, settlement: BulkSettlement): Promise<number> =>
  settleWhere(
    sql,
    settlement,
    sql`d.campaign_id = ${settlement.campaignId} and (${settlement.wave}::text is null or d.wave = ${settlement.wave})
      and d.settled_at <= clock_timestamp() - make_interval(secs => ${settlement.olderThanSeconds}::float8)`,
  );

/**
 * Uncertain rows become what they are said to be; no row is ever sent again for it. Accepted, the contact and its cost
 * stand; failed, both are given back. `settled_at` stays: it is when the sending of it ended.
 */
async function settleWhere(
  sql: Sql,
  { outcome, by, evidence }: Told,
  which: ReturnType<Sql>,
): Promise<number> {
  const reason = evidence === null ? `settled:${by}` : `settled:${by}:${evidence}`;
  const [row] = await sql<{ settled: number }[]>`
    with settled as (
      update deliveries d set state = ${outcome}, reason = ${reason},
        code = case when ${outcome} = 'failed' then coalesce(${evidence}::text, d.code) end,
        cost_micros = case when ${outcome} = 'accepted' then d.cost_micros end
      where d.state = 'uncertain' and ${which}
      returning d.campaign_id, d.step, d.profile_id, old.cost_micros, null as in_doubt
    )
    ${outcome === 'failed' ? sql`, ${givenBackCtes(sql, 'settled')}` : sql``}
    select count(*) as settled from settled`;
  return row?.settled ?? 0;
}
