import type postgres from 'postgres';
import { segmentsOf } from '../../domain/segments/resolve';
import type { Sql, Tx } from '../db';
import { matrixInUse } from '../persona-matrix/in-use';
import { ruleOf } from './live-rules';

/** One thing that would feel it if the segment went. */
export interface SegmentUse {
  readonly kind: 'campaign' | 'cap' | 'persona' | 'scenario' | 'segment';
  readonly key: string;
  /** In words, what it is to it. */
  readonly as: string;
}

export interface Overlap {
  readonly segment: string;
  readonly members: number;
  readonly both: number;
}

/** What a segment is to a scenario, one row where it is anything. */
const useIn = (tx: Sql | Tx, scenario: postgres.Fragment, key: string): postgres.Fragment => tx`
  select case
    when ${scenario} -> 'audience' ->> 'segment' = ${key} then 'audience'
    when ${scenario} -> 'audience' -> 'personas' ? ${key} then 'persona'
    else 'sub-population of its test' end as "as"
  where ${scenario} -> 'audience' ->> 'segment' = ${key} or ${scenario} -> 'audience' -> 'personas' ? ${key}
    or ${scenario} #> '{experiment,subPopulations,segments}' ? ${key}`;

/** What names a segment: open campaigns, scenarios, caps, the matrix in use, and other live segments. */
export async function segmentUses(tx: Sql | Tx, key: string): Promise<SegmentUse[]> {
  const named = await tx<SegmentUse[]>`
      select 'campaign' as kind, id as key, u."as" from campaigns cross join lateral (${useIn(tx, tx`scenario`, key)}) u
      where "end" is null
      union all
      -- The latest version, and the one that campaigns start from; one line where both name it.
      select distinct 'scenario', s.key, u."as"
      from (
        (select distinct on (key) * from scenarios order by key, version desc)
        union
        (select distinct on (key) * from scenarios where status = 'validated' order by key, version desc)
      ) s cross join lateral (${useIn(tx, tx`s.definition`, key)}) u
      where s.status <> 'archived'
      union all
      select 'cap', p.key, 'whom it holds' from policies p where p.kind = 'cap' and p.definition ->> 'segment' = ${key}
      union all
      select 'persona', r.segment_id, 'row of the matrix' from persona_matrix_rows r
      where r.segment_id = ${key} and r.version = ${matrixInUse(tx)}
      order by 1, 2`;
  const rules = await tx<{ key: string; rule: unknown }[]>`
      select key, s.rule from live_segments l join segments s using (key, version) where key <> ${key} order by key`;
  const segments = rules.flatMap((row): SegmentUse[] => {
    const { members, means } = segmentsOf(ruleOf(row.rule));
    if (members.includes(key)) return [{ kind: 'segment', key: row.key, as: 'clause of its rule' }];
    return means.some(({ segment }) => segment === key)
      ? [{ kind: 'segment', key: row.key, as: 'mean it compares with' }]
      : [];
  });
  return [...named, ...segments];
}

/** How many people are in each other live segment too, the most first. */
export const segmentOverlaps = async (sql: Sql, key: string): Promise<Overlap[]> => [
  ...(await sql<Overlap[]>`
    select o.segment, count(*) as both, (select count(*) from segment_members a where a.segment = o.segment) as members
    from segment_members m join segment_members o on o.profile_id = m.profile_id and o.segment <> m.segment
      join live_segments l on l.key = o.segment
    where m.segment = ${key} group by o.segment order by 2 desc, 1`),
];
