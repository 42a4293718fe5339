import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultPolicies } from '../../../config/policies/delivery';
import { fromRoot } from '../../../config/paths';
import type { Sql } from '../../../store/db';
import { createRefreshes } from '../../../store/derived/refresh';
import { createMembershipsStore } from '../../../store/memberships-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { freshDatabase } from '../../support/database';

const FILE = join(fromRoot(), '..', 'shared', 'data', 'cdnow.txt');
const AS_OF = new Date('1998-07-01T00:00:00Z');
const DAY_MS = 86_400_000;

interface Purchase {
  readonly customer: string;
  readonly atMs: number;
  readonly cents: number;
}

/** At noon, UTC, of its day. */
function purchases(): Purchase[] {
  return readFileSync(FILE, 'utf8')
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [customer = '', day = '', , dollars = ''] = line.trim().split(/\s+/);
      const at = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T12:00:00Z`;
      return { customer, atMs: Date.parse(at), cents: Math.round(Number(dollars) * 100) };
    });
}

interface Told {
  readonly rfm: string;
  readonly state: string | null;
  readonly orders: number;
  readonly spent: number;
}

/** Counted from the file with none of the code under test. */
function byHand(all: readonly Purchase[]): Map<string, Told> {
  const people = new Map<string, number[][]>();
  for (const { customer, atMs, cents } of all)
    people.set(customer, [...(people.get(customer) ?? []), [atMs, cents]]);
  const facts = [...people].map(([customer, bought]) => {
    const times = bought.map(([at = 0]) => at);
    return {
      customer,
      times,
      last: Math.max(...times),
      first: Math.min(...times),
      orders: bought.length,
      spent: bought.reduce((sum, [, cents = 0]) => sum + cents, 0),
    };
  });
  // The smallest value that a fifth, two fifths… of all do not exceed.
  const bandBy = (value: (one: (typeof facts)[number]) => number) => {
    const sorted = facts.map(value).sort((a, b) => a - b);
    const cuts = [1, 2, 3, 4].map((fifth) => sorted[Math.ceil((fifth * sorted.length) / 5) - 1] ?? 0);
    return (one: (typeof facts)[number]) => 1 + cuts.filter((cut) => cut < value(one)).length;
  };
  const [recency, frequency, monetary] = [
    bandBy(({ last }) => last),
    bandBy(({ orders }) => orders),
    bandBy(({ spent }) => spent),
  ];
  const ago = (days: number): number => AS_OF.getTime() - days * DAY_MS;
  return new Map(
    facts.map((one) => {
      const since = (days: number): number => one.times.filter((at) => at > ago(days)).length;
      const lately = since(60);
      const usually = since(240) - lately;
      const state =
        // 30 days before 1 July in Paris is 1 June.
        one.first >= Date.parse('1998-06-01T00:00:00+02:00')
          ? 'onboarding'
          : since(90) === 0
            ? 'churn-risk'
            : usually > 0 && lately / 60 < (0.5 * usually) / 180
              ? 'usage-decline'
              : 'active';
      const rfm = `${recency(one)}${frequency(one)}${monetary(one)}`;
      return [one.customer, { rfm, state, orders: one.orders, spent: one.spent }];
    }),
  );
}

async function load(sql: Sql, all: readonly Purchase[]): Promise<void> {
  await sql`
    insert into profiles (market, source, attributes)
    select 'US', 'cdnow', jsonb_build_object('customer', c) from unnest(${[...new Set(all.map((p) => p.customer))]}::text[]) c`;
  for (let from = 0; from < all.length; from += 10_000) {
    const rows = all.slice(from, from + 10_000).map((p, i) => ({ ...p, id: `p${from + i}` }));
    await sql`
      insert into events (id, profile_id, type, at, value_cents, currency)
      select x.id, p.id, 'purchase', to_timestamp(x."atMs" / 1000.0), x.cents, 'USD'
      from json_to_recordset(${JSON.stringify(rows)}::text::json) x(id text, customer text, "atMs" bigint, cents bigint)
      join profiles p on p.attributes ->> 'customer' = x.customer`;
  }
}

const present = existsSync(FILE);
if (!present)
  console.warn(`skipped: ${FILE} is not on this machine, so bands and states of real customers are not told`);

(present ? test : test.skip)(
  '23,570 real customers: RFM bands and states as of 1998-07-01 are those of an independent count',
  async () => {
    const all = purchases();
    expect(all).toHaveLength(69_659);
    const database = await freshDatabase(4);
    const sql = database.db.app;
    try {
      await createPoliciesStore(sql).seedEmptyKinds({
        lifecycle: defaultPolicies().lifecycle,
        value: { dollars: { currency: 'USD', tiers: [{ tier: 'any', fromCents: 0 }] } },
      });
      await load(sql, all);
      await createRefreshes(sql).value({ asOf: AS_OF });
      await sql`
        insert into profile_clock (profile_id, due_at) select id, ${AS_OF}::timestamptz from profiles
        on conflict (profile_id) do update set due_at = excluded.due_at`;
      const memberships = createMembershipsStore(sql);
      while ((await memberships.judgeDue(1_000, AS_OF)) > 0);

      const told = await sql<({ customer: string } & Told)[]>`
        select attributes ->> 'customer' as customer, derived ->> 'rfm' as rfm, derived ->> 'state' as state,
          (derived -> 'orders')::int as orders, (derived -> 'spent_cents')::bigint as spent from profiles`;
      const expected = byHand(all);
      expect(expected.size).toBe(23_570);
      const wrong = told.filter(
        ({ customer, ...one }) => JSON.stringify(one) !== JSON.stringify(expected.get(customer)),
      );
      expect(wrong.slice(0, 3)).toEqual([]);
      expect(told).toHaveLength(expected.size);
      // The count says something: every band is there, and every state but the one of newcomers: none came in June 1998.
      const seen = new Set(
        told.flatMap(({ rfm, state }) => [`R${rfm[0]}`, `F${rfm[1]}`, `M${rfm[2]}`, state]),
      );
      for (const one of ['R1', 'R5', 'F1', 'F5', 'M1', 'M5', 'active', 'usage-decline', 'churn-risk'])
        expect(seen).toContain(one);
    } finally {
      await database.close();
    }
  },
  120_000,
);
