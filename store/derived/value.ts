import type postgres from 'postgres';
import { arrayLiteral } from '../array-literal';
import type { Sql, Tx } from '../db';

type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** The zone whose days the first and the last purchase are told in. */
const ZONE = 'Europe/Paris';

/** What is told of somebody's purchases, but for what hangs on the clock (domain/segments/lifecycle.ts). */
const VALUE_ATTRIBUTES = [
  'orders',
  'spent_cents',
  'mean_order_cents',
  'first_purchase_on',
  'last_purchase_on',
  'rfm_recency',
  'rfm_frequency',
  'rfm_monetary',
  'rfm',
  'value_tier',
] as const;

/**
 * Tells again what these people's purchases until `asOf` (now, where there is none) come to: counts, days, RFM bands by where their market's cuts lay
 * at the last refresh, tier. Whoever it says nothing new of is not written. Answers how many were. The caller holds the
 * people: told from an older snapshot, a purchase that came in meanwhile would be lost.
 */
export async function tellValue(tx: Tx, ids: readonly number[], asOf?: Date): Promise<number> {
  if (ids.length === 0) return 0;
  const { count } = await tx`
    update profiles p set derived = n.next from (${nextValue(tx, ids, asOf)}) n
    where p.id = n.id and p.derived is distinct from n.next`;
  return count;
}

function nextValue(tx: Sql | Tx, ids: readonly number[], asOf: Date | undefined): Fragment {
  const band = (measure: string, value: Fragment): Fragment => tx`(
    select 1 + (select count(*) from unnest(c.cuts) cut where cut < ${value})
    from value_cuts c where c.market = f.market and c.measure = ${measure} and f.orders > 0)`;
  return tx`
    select b.id, (b.derived - ${[...VALUE_ATTRIBUTES]}::text[]) || case when b.orders = 0 then '{}'::jsonb else jsonb_strip_nulls(jsonb_build_object(
      'orders', b.orders,
      'spent_cents', b.spent,
      'mean_order_cents', b.mean,
      'first_purchase_on', to_char(b.first_at at time zone ${ZONE}, 'YYYY-MM-DD'),
      'last_purchase_on', to_char(b.last_at at time zone ${ZONE}, 'YYYY-MM-DD'),
      'rfm_recency', b.recency,
      'rfm_frequency', b.frequency,
      'rfm_monetary', b.monetary,
      'rfm', b.recency::text || b.frequency || b.monetary,
      'value_tier', b.tier)) end as next
    from (
      select f.*,
        ${band('recency', tx`extract(epoch from f.last_at)::float8`)} as recency,
        ${band('frequency', tx`f.orders`)} as frequency,
        ${band('monetary', tx`f.spent`)} as monetary,
        (select t.tier from jsonb_to_recordset(f.tiers) t(tier text, "fromCents" bigint)
         where t."fromCents" <= f.spent order by t."fromCents" desc limit 1) as tier
      from (
        select p.id, p.market, p.derived, v.tiers, o.*
        from profiles p
        left join lateral (${valuePolicyOf(tx, tx`p.market`)}) v on true
        cross join lateral (
          select count(*) as orders, coalesce(sum(e.value_cents) filter (where ${counted(tx)}), 0)::bigint as spent,
            round(avg(e.value_cents) filter (where ${counted(tx)}))::bigint as mean, min(e.at) as first_at, max(e.at) as last_at
          from events e where e.profile_id = p.id and e.type = 'purchase' and e.at <= coalesce(${asOf ?? null}::timestamptz, statement_timestamp())) o
        where p.id = any(array(select unnest(${arrayLiteral(ids)}::bigint[])))
      ) f
    ) b`;
}

/** Amounts of other currencies are purchases too, and nobody adds them up. */
const counted = (tx: Sql | Tx): Fragment => tx`coalesce(e.currency, 'EUR') = coalesce(v.currency, 'EUR')`;

const valuePolicyOf = (tx: Sql | Tx, market: Fragment): Fragment => tx`
  select w.definition -> 'tiers' as tiers, w.definition ->> 'currency' as currency
  from policies w
  where w.kind = 'value' and (w.definition -> 'markets' ? ${market} or not w.definition ? 'markets')
  order by w.definition ? 'markets' desc, w.key limit 1`;
