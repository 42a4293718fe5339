import type { ConcurrentTest, CrossCell } from '../../domain/experiments/interactions';
import type { Sql } from '../db';
import { reading } from '../reading';
import { allowedSql, isOfTest, ledgerOf } from './test-counts';

/** Others are looked at in the order they began, so many at the most. */
const MOST = 10;

interface Asked {
  readonly campaignId: string;
  readonly metric: string;
  readonly windowSeconds: number;
}

/**
 * Tests of other campaigns, live ones that are challenged too, that people of this one were in while their windows of both
 * were open: whom both gates allowed, by the arms of both, and who of them had this test's event in their own window of this
 * test. A profile stands for a person.
 */
export const concurrentTests = (
  sql: Sql,
  { campaignId, metric, windowSeconds }: Asked,
): Promise<ConcurrentTest[]> =>
  reading(sql, async (tx) => {
    const others = await tx<{ id: string; name: string; seconds: number }[]>`
      with own as (
        select min(w.started_at) as since, max(coalesce(w.ended_at, now())) + make_interval(secs => ${windowSeconds}::float8) as until
        from waves w where w.campaign_id = ${campaignId} and ${isOfTest(tx)}
      )
      select c.id, c.scenario ->> 'name' as name, (c.scenario #>> '{primaryMetric,windowSeconds}')::float8 as seconds
      from waves w join campaigns c on c.id = w.campaign_id cross join own
      where ${isOfTest(tx)} and c.scenario -> 'experiment' is not null and w.campaign_id <> ${campaignId}
        and w.started_at < own.until
        and coalesce(w.ended_at, now()) + make_interval(secs => (c.scenario #>> '{primaryMetric,windowSeconds}')::float8) > own.since
      group by c.id order by min(w.started_at), c.id limit ${MOST}`;
    const ledger = await ledgerOf(tx, campaignId);
    const tests: ConcurrentTest[] = [];
    for (const { id, name, seconds } of others) {
      const other = await ledgerOf(tx, id);
      const cells = await tx<CrossCell[]>`
        with shared as materialized (
          select a.profile_id, a.arm, a.gated_at, o.arm as other_arm
          from (${allowedSql(tx, ledger)}) a join (${allowedSql(tx, other)}) o on o.profile_id = a.profile_id
            and o.gated_at < a.gated_at + make_interval(secs => ${windowSeconds}::float8)
            and a.gated_at < o.gated_at + make_interval(secs => ${seconds}::float8)
        )
        select s.arm, s.other_arm as "otherArm", count(*) as n,
          count(*) filter (where exists (
            select from events e where e.profile_id = s.profile_id and e.type = ${metric}
              and e.at >= s.gated_at and e.at < s.gated_at + make_interval(secs => ${windowSeconds}::float8))) as events
        from shared s group by 1, 2 order by 1, 2`;
      if (cells.length > 0) tests.push({ campaignId: id, name, cells: [...cells] });
    }
    return tests;
  });
