import type { SegmentCell } from '../../domain/experiments/declared-groups';
import type { Sql } from '../db';
import { movedCtes } from '../merging/identities-sql';
import { allowedSql, ledgerOf } from './test-counts';

/**
 * Outcomes of a test as `outcomes` counts them, by whether each person was in a segment when the gate judged them: the
 * moment their outcome counts from, and before any message could have moved them. Membership is its last change until then,
 * of the profile they were then; whoever is in a segment by a later change alone is outside it.
 */
export async function outcomesBySegment(
  sql: Sql,
  input: {
    readonly campaignId: string;
    readonly metric: string;
    readonly windowSeconds: number;
    readonly segments: readonly string[];
  },
): Promise<SegmentCell[]> {
  if (input.segments.length === 0) return [];
  const ledger = await ledgerOf(sql, input.campaignId);
  const segments = sql`${[...input.segments]}::text[]`;
  return sql<SegmentCell[]>`
    with ${movedCtes(sql)}, person as (
      select distinct on (coalesce(m.stands, a.profile_id))
        a.profile_id, coalesce(m.stands, a.profile_id) as stands, a.arm, a.gated_at
      from (${allowedSql(sql, ledger)}) a left join moved m on m.id = a.profile_id
      order by coalesce(m.stands, a.profile_id), a.gated_at, a.profile_id
    ),
    -- Memberships are looked up a person at a time: of a join to them the planner may think that it is of one row.
    outcome as materialized (
      select p.arm, exists (
        select from events e
        where e.profile_id = p.stands and e.type = ${input.metric}
          and e.at >= p.gated_at and e.at < p.gated_at + make_interval(secs => ${input.windowSeconds}::float8)
      ) as happened,
      array(
        select l.segment from (
          select distinct on (c.segment) c.segment, c.entered
          -- Behind a fence: of few segments the planner would walk all their history for each person.
          from (select id, segment, entered, at from membership_changes where profile_id = p.profile_id offset 0) c
          where c.segment = any(${segments}) and c.at <= p.gated_at
          order by c.segment, c.id desc
        ) l where l.entered
      ) as segments
      from person p
    )
    select s.segment, s.segment = any(o.segments) as inside, o.arm, count(*) as n,
      count(*) filter (where o.happened) as events
    from outcome o cross join unnest(${segments}) as s (segment)
    group by 1, 2, 3 order by 1, 2, 3`;
}
