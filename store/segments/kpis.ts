import type postgres from 'postgres';
import { MESSAGE_EVENTS } from '../../domain/delivery/message-events';
import type { Sql, Tx } from '../db';
import { reading } from '../reading';

/** What the people who are in a segment now did over a period, with the counts it is made of. */
export interface SegmentKpis {
  readonly segment: string;
  readonly asOf: Date;
  readonly days: number;
  readonly members: number;
  /** Members with a purchase in the period, and their share. */
  readonly buyers: number;
  readonly conversion: number | null;
  /** In the last 30 × 24 hours, whatever the period; a member. */
  readonly purchases30Days: number;
  readonly purchaseFrequency30Days: number | null;
  /** Of the period, by currency. */
  readonly orders: readonly {
    readonly currency: string;
    readonly orders: number;
    readonly valueCents: number;
    readonly meanCents: number;
  }[];
  /** Messages accepted in the period, and what became of them; each counted once. */
  readonly messages: {
    readonly accepted: number;
    /** Only of who agreed to their openings being measured. */
    readonly opened: number;
    readonly clicked: number;
    readonly bounced: number;
    readonly clickRate: number | null;
    readonly bounceRate: number | null;
  };
  /** Purchases by day of the zone, the first and the last day being cut by the period. */
  readonly byDay: readonly { readonly day: string; readonly purchases: number; readonly buyers: number }[];
}

export const segmentKpis = (
  sql: Sql,
  given: { readonly segment: string; readonly days: number; readonly zone: string },
  now: Date,
): Promise<SegmentKpis> =>
  reading(sql, async (tx) => {
    const { segment, days, zone } = given;
    const [{ members } = { members: 0 }] = await tx<{ members: number }[]>`
      select count(*) as members from segment_members where segment = ${segment}`;
    const purchases = tx`
      select e.profile_id, e.at, e.value_cents, coalesce(e.currency, 'EUR') as currency
      from segment_members m join events e on e.profile_id = m.profile_id and e.type = 'purchase'
      where m.segment = ${segment} and e.at <= ${now}::timestamptz
        and e.at > ${now}::timestamptz - ${Math.max(days, 30)}::float8 * interval '24 hours'`;
    const since = (n: number) => tx`at > ${now}::timestamptz - ${n}::float8 * interval '24 hours'`;
    const [bought] = await tx<{ buyers: number; purchases30: number }[]>`
      select count(distinct profile_id) filter (where ${since(days)}) as buyers,
        count(*) filter (where ${since(30)}) as purchases30 from (${purchases}) p`;
    const orders = await tx<SegmentKpis['orders'][number][]>`
      select currency, count(*) as orders, least(sum(value_cents), ${Number.MAX_SAFE_INTEGER}::bigint)::bigint as "valueCents",
        round(avg(value_cents))::bigint as "meanCents"
      from (${purchases}) p where ${since(days)} and value_cents is not null group by 1 order by 1`;
    const byDay = await tx<SegmentKpis['byDay'][number][]>`
      select to_char(at at time zone ${zone}, 'YYYY-MM-DD') as day, count(*) as purchases,
        count(distinct profile_id) as buyers
      from (${purchases}) p where ${since(days)} group by 1 order by 1`;
    const buyers = bought?.buyers ?? 0;
    const purchases30Days = bought?.purchases30 ?? 0;
    const share = (part: number): number | null => (members === 0 ? null : part / members);
    return {
      segment,
      asOf: now,
      days,
      members,
      buyers,
      conversion: share(buyers),
      purchases30Days,
      purchaseFrequency30Days: share(purchases30Days),
      orders: [...orders],
      messages: await messagesOf(tx, segment, since(days)),
      byDay: [...byDay],
    };
  });

async function messagesOf(
  tx: Tx,
  segment: string,
  since: postgres.Fragment,
): Promise<SegmentKpis['messages']> {
  const { opened, clicked, bounced } = MESSAGE_EVENTS;
  const [row] = await tx<{ accepted: number; opened: number; clicked: number; bounced: number }[]>`
    select count(*) as accepted, count(*) filter (where ${opened} = any(types)) as opened,
      count(*) filter (where ${clicked} = any(types)) as clicked,
      count(*) filter (where ${bounced} = any(types)) as bounced
    from (
      select array(select e.type from events e where e.profile_id = d.profile_id
          and e.type = any(${[opened, clicked, bounced]}::text[]) and e.delivery_id = d.id) as types
      from (select id, profile_id, settled_at as at from deliveries where state = 'accepted') d
      join segment_members m on m.segment = ${segment} and m.profile_id = d.profile_id
      where ${since}
    ) sent`;
  const counts = row ?? { accepted: 0, opened: 0, clicked: 0, bounced: 0 };
  const rate = (part: number): number | null => (counts.accepted === 0 ? null : part / counts.accepted);
  return { ...counts, clickRate: rate(counts.clicked), bounceRate: rate(counts.bounced) };
}
