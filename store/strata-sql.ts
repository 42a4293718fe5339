import type postgres from 'postgres';
import { PERSONA_STRATUM } from '../domain/campaigns/strata';
import type { DealtArm } from '../domain/experiments/assign';
import { arrayLiteral } from './array-literal';
import { digestSql, numberSql } from './assignment';
import type { Sql, Tx } from './db';
import { attributeSql } from './segment-sql';

/** The stratum of `p`, as text: JSON keeps types apart and a missing value from an empty one. */
export function stratumSql(sql: Sql | Tx, stratifyBy: readonly string[]): postgres.Fragment {
  const values = stratifyBy.map((name) =>
    name === PERSONA_STRATUM ? sql`p.persona` : attributeSql(sql, name),
  );
  return sql`jsonb_build_array(${values.reduce((all, one) => sql`${all}, ${one}`)})::text`;
}

/**
 * The common table expressions from `parted` to `dealt (id, part, persona, bucket_digest, arm)`: everybody of the test with
 * the arm that `dealStratified` (domain/experiments/assign.ts) deals them; a generated test holds the two together. Nothing
 * is joined with the people: of a table that has just been made the planner knows no size, and may take it for one row.
 */
export function dealtSql(sql: Sql | Tx, arms: readonly DealtArm[], salt: string): postgres.Fragment {
  const weights = arms.map(({ weight }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const [first, ...others] = arms.map(({ key }) => key);
  // `ends` is read by subscript, which takes no longer where there are many strata.
  const reached = others.map(
    (_, i) => sql`(d.turn > (select ends from spread)[d.place][${i + 1}::int])::int`,
  );
  return sql`
    placed_in_strata as materialized (
      select h.id, h.part, h.persona, h.bucket_digest,
        dense_rank() over (order by h.stratum collate "C") as place,
        row_number() over (partition by h.stratum collate "C" order by h.number, h.id::text collate "C") as turn
      from (
        select t.*, ${numberSql(sql, sql`t.digest`)} as number
        from (
          select p.id, p.part, p.persona, p.bucket_digest, p.stratum, ${digestSql(sql, salt, sql`p.id`)} as digest
          from parted p where p.part = 'test'
          offset 0
        ) t
      ) h
    ),
    sizes as materialized (
      select count(*)::int as strata, array_agg(n order by place) as sizes
      from (select place, count(*)::float8 as n from placed_in_strata group by place) s
    ),
    spread as materialized (${spreadSql(sql, arrayLiteral(weights), total)}),
    dealt as not materialized (
      select d.id, d.part, d.persona, d.bucket_digest,
        (${[first ?? '', ...others]}::text[])[1${reached.reduce((all, one) => sql`${all} + ${one}`, sql``)}] as arm
      from placed_in_strata d
    )`;
}

/**
 * `ends[place][arm]`: how many of a stratum's people come before the end of an arm's block. One step a stratum; the same
 * operations on the same doubles, in the same order, as `blocksOf`.
 */
const spreadSql = (sql: Sql | Tx, weights: string, total: number): postgres.Fragment => sql`
  with recursive steps (place, people, given, ends) as (
    select 0, 0::float8, array_fill(0::float8, array[cardinality(${weights}::float8[])]), null::float8[]
    union all
    select s.place + 1, s.people + now.size, next.given, next.ends
    from steps s
      cross join lateral (select (select sizes from sizes)[s.place + 1] as size) now
      cross join lateral (
        select array_agg(b.given + b.block order by b.i) as given, array_agg(b.ends order by b.i) as ends
        from (
          select o.i, o.given, o.block, sum(o.block) over (order by o.i) as ends
          from (
            select a.i, a.given, a.whole + (row_number() over (order by a.share > a.whole desc, a.behind desc, a.i)
              <= now.size - sum(a.whole) over ())::int as block
            from (
              select w.i, w.given, w.share, floor(w.share) as whole, w.due - w.given - floor(w.share) as behind
              from (
                select u.i, u.given, now.size * u.weight / ${String(total)}::text::float8 as share,
                  (s.people + now.size) * u.weight / ${String(total)}::text::float8 as due
                from unnest(${weights}::float8[], s.given) with ordinality u (weight, given, i)
              ) w
            ) a
          ) o
        ) b
      ) next
    where s.place < (select strata from sizes)
  )
  select array_agg(ends order by place) as ends from steps where place > 0`;
