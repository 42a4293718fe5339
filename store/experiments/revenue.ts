import type { RevenueCell, RevenueTerms } from '../../domain/experiments/revenue';
import type { Sql } from '../db';
import { movedCtes } from '../merging/identities-sql';
import { reading } from '../reading';
import { allowedSql, ledgerOf } from './test-counts';

/**
 * What the people of each arm of a test spent, each person once and from when the gate first judged them, and what their
 * messages cost. Values of another currency, and events without a value, count nothing.
 */
export const revenueByArm = (
  sql: Sql,
  { campaignId, event, windowSeconds, currency }: RevenueTerms & { readonly campaignId: string },
): Promise<RevenueCell[]> =>
  reading(sql, async (tx) => {
    const ledger = await ledgerOf(tx, campaignId);
    return tx<RevenueCell[]>`
      with ${movedCtes(tx)}, person as materialized (
        select distinct on (coalesce(m.stands, a.profile_id)) coalesce(m.stands, a.profile_id) as stands, a.arm, a.gated_at
        from (${allowedSql(tx, ledger)}) a left join moved m on m.id = a.profile_id
        order by coalesce(m.stands, a.profile_id), a.gated_at, a.profile_id
      ),
      spent as (
        select p.arm, p.stands, sum(e.value_cents)::float8 as cents
        from person p join events e on e.profile_id = p.stands and e.type = ${event} and coalesce(e.currency, 'EUR') = ${currency}
          and e.at >= p.gated_at and e.at < p.gated_at + make_interval(secs => ${windowSeconds}::float8)
        group by 1, 2
      ),
      cost as (
        select arm, sum(coalesce(cost_micros, 0))::float8 as micros from deliveries
        where campaign_id = ${campaignId} and wave = any(${[...ledger.waves]}::text[]) and state in ('accepted', 'uncertain')
        group by arm
      )
      select p.arm, count(*) as n, coalesce((select sum(s.cents) from spent s where s.arm = p.arm), 0) as sum,
        coalesce((select sum(s.cents * s.cents) from spent s where s.arm = p.arm), 0) as "sumOfSquares",
        coalesce((select c.micros from cost c where c.arm = p.arm), 0) as "costMicros"
      from person p group by p.arm order by p.arm`;
  });
