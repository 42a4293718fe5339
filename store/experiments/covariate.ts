import type { CovariateSums } from '../../domain/experiments/cuped-of-shares';
import type { Sql } from '../db';
import { movedCtes } from '../merging/identities-sql';
import { reading } from '../reading';
import { allowedSql, ledgerOf } from './test-counts';

interface Asked {
  readonly campaignId: string;
  readonly metric: string;
  readonly windowSeconds: number;
  readonly covariate: { readonly event: string; readonly days: number };
}

/**
 * How often each person of a test had an event in the days before the gate first judged them, added up arm by arm: what was so
 * before cannot hang on the arm. Persons with nothing before add nothing.
 */
export const covariateByArm = (
  sql: Sql,
  { campaignId, metric, windowSeconds, covariate: { event, days } }: Asked,
): Promise<Record<string, CovariateSums>> =>
  reading(sql, async (tx) => {
    const ledger = await ledgerOf(tx, campaignId);
    const rows = await tx<(CovariateSums & { arm: string })[]>`
      with ${movedCtes(tx)}, person as materialized (
        select distinct on (coalesce(m.stands, a.profile_id)) coalesce(m.stands, a.profile_id) as stands, a.arm, a.gated_at
        from (${allowedSql(tx, ledger)}) a left join moved m on m.id = a.profile_id
        order by coalesce(m.stands, a.profile_id), a.gated_at, a.profile_id
      ),
      before as materialized (
        select p.arm, p.stands, p.gated_at, count(*)::float8 as x
        from person p join events e on e.profile_id = p.stands and e.type = ${event}
          and e.at >= p.gated_at - make_interval(days => ${days}::int) and e.at < p.gated_at
        group by 1, 2, 3
      )
      select b.arm, sum(b.x) as sum, sum(b.x * b.x) as "sumOfSquares",
        coalesce(sum(b.x) filter (where exists (
          select from events e where e.profile_id = b.stands and e.type = ${metric}
            and e.at >= b.gated_at and e.at < b.gated_at + make_interval(secs => ${windowSeconds}::float8))), 0) as product
      from before b group by b.arm`;
    return Object.fromEntries(
      rows.map(({ arm, sum, sumOfSquares, product }) => [arm, { sum, sumOfSquares, product }]),
    );
  });
