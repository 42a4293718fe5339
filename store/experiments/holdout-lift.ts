import { own } from '../../domain/shared/own';
import {
  drawSpans,
  type DrawSpan,
  type HoldoutTerms,
  type MonthCount,
  type SideCount,
} from '../../domain/experiments/holdout-lift';
import { drawnHoldouts, type HoldoutPolicy } from '../../domain/delivery/holdout';
import { belowSql, digestSql } from '../assignment';
import type { Sql, Tx } from '../db';
import { createPoliciesStore } from '../policies-store';
import { reading } from '../reading';

/** What is counted of each person: whether they had the event, or what the event's values add up to in one currency. */
export type LiftMeasure =
  | { readonly kind: 'share'; readonly event: string }
  | { readonly kind: 'amount'; readonly event: string; readonly currency: string };

export interface CountedHoldout {
  readonly policy: HoldoutPolicy;
  /** false: its first day is still to come. */
  readonly begun: boolean;
  /** Whether there are events of this type, or a policy that says what they look like. */
  readonly known: boolean;
  readonly months: readonly MonthCount[];
}

/** A report somebody waits for. */
const STATEMENT_SECONDS = 60;

/**
 * Everybody who was known when a draw began, as it drew them, month by month; null: there is no such holdout. Throws
 * `report-too-long`.
 */
export const holdoutMonths = (
  sql: Sql,
  key: string,
  measure: LiftMeasure,
  now = new Date(),
): Promise<CountedHoldout | null> =>
  reading(
    sql,
    async (tx) => {
      const policy = own(await createPoliciesStore(tx).list('holdout'), key);
      if (policy === undefined) return null;
      const months: MonthCount[] = [];
      for (const span of drawSpans(key, await historyOf(tx, key), now))
        months.push(...(await monthsOf(tx, span, measure)));
      const counted = months.some(({ held, others }) => held.reached + others.reached > 0);
      return {
        policy,
        begun: drawnHoldouts({ [key]: policy }, now).length > 0,
        known: counted || (await knownType(tx, measure.event)),
        months,
      };
    },
    STATEMENT_SECONDS,
  );

/** What its terms were from when on: what it was changed to, or what it was seeded with and nobody touched. */
const historyOf = (tx: Tx, key: string): Promise<HoldoutTerms[]> => tx<HoldoutTerms[]>`
  select changed_at as since, definition as policy from (
    select id, changed_at, definition from policy_changes where kind = 'holdout' and key = ${key}
    union all
    select 0, updated_at, definition from policies p where kind = 'holdout' and key = ${key}
      and not exists (select from policy_changes c where c.kind = p.kind and c.key = p.key)
  ) x order by id`;

/** Asked only where nothing was counted: events are not indexed by their type alone. */
async function knownType(tx: Tx, type: string): Promise<boolean> {
  const [row] = await tx<{ known: boolean }[]>`
    select exists (select from policies where kind = 'event-type' and definition ->> 'type' = ${type})
      or exists (select from events where type = ${type}) as known`;
  return row?.known ?? false;
}

interface Grown {
  readonly held: boolean;
  /** From 0; null: nobody, but there are people. */
  readonly month: number | null;
  readonly n: number;
  readonly reached: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

async function monthsOf(tx: Tx, span: DrawSpan, measure: LiftMeasure): Promise<MonthCount[]> {
  const { salt, share, market, from, months } = span;
  const until = months.at(-1)?.until ?? from;
  const bounds = [from, ...months.slice(0, -1).map((month) => month.until)].map((at) => at.toISOString());
  const amount = measure.kind === 'amount' ? tx`sum(e.value_cents)::float8` : tx`1::float8`;
  const currency =
    measure.kind === 'amount' ? tx`and coalesce(e.currency, 'EUR') = ${measure.currency}` : tx``;
  // Of a share each person once, in the month of their first event.
  const eachMonth =
    measure.kind === 'amount'
      ? tx`select person.held, e.profile_id, width_bucket(e.at, ${bounds}::timestamptz[]) - 1 as month, ${amount} as amount`
      : tx`select person.held, e.profile_id, width_bucket(min(e.at), ${bounds}::timestamptz[]) - 1 as month, ${amount} as amount`;
  const rows = await tx<Grown[]>`
    with person as materialized (
      select p.id, ${belowSql(tx, digestSql(tx, salt, tx`p.id`), share)} as held from profiles p
      where p.merged_into is null and p.created_at < ${from} ${market === null ? tx`` : tx`and p.market = ${market}`}
    ),
    spent as (
      ${eachMonth} from events e join person on person.id = e.profile_id
      where e.type = ${measure.event} and e.at >= ${from} and e.at < ${until} ${currency}
      group by 1, 2 ${measure.kind === 'amount' ? tx`, 3` : tx``}
    ),
    running as (
      select held, month, amount, sum(amount) over person_so_far as after, row_number() over person_so_far = 1 as first
      from spent window person_so_far as (partition by profile_id order by month)
    ),
    grown as (
      -- What the squares grow by in a month: of everybody's sum so far, not of the month's own.
      select held, month, count(*) filter (where first) as reached, sum(amount) as sum,
        sum(after * after - (after - amount) * (after - amount)) as squares
      from running group by held, month
    )
    select s.held, g.month, s.n, coalesce(g.reached, 0) as reached, coalesce(g.sum, 0)::float8 as sum,
      coalesce(g.squares, 0)::float8 as "sumOfSquares"
    from (select held, count(*) as n from person group by held) s left join grown g using (held)`;
  const upTo = (held: boolean, month: number): SideCount => {
    const own = rows.filter((row) => row.held === held);
    const so = own.filter((row) => row.month !== null && row.month <= month);
    const of = (one: 'reached' | 'sum' | 'sumOfSquares'): number =>
      so.reduce((sum, row) => sum + row[one], 0);
    return { n: own[0]?.n ?? 0, reached: of('reached'), sum: of('sum'), sumOfSquares: of('sumOfSquares') };
  };
  return months.map(({ name }, month) => ({
    month: name,
    draw: { salt, share, from },
    held: upTo(true, month),
    others: upTo(false, month),
  }));
}

/** The standing holdouts, and what each came to. */
export const createHoldoutsStore = (sql: Sql) => ({
  list: () => createPoliciesStore(sql).list('holdout'),
  months: (key: string, measure: LiftMeasure) => holdoutMonths(sql, key, measure),
});
