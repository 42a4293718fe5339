import { setTimeout as sleep } from 'node:timers/promises';
import { lifecycleStateSchema } from '../../../domain/segments/lifecycle';
import type { Sql } from '../../../store/db';
import { createRefreshes } from '../../../store/derived/refresh';
import { createEventsStore } from '../../../store/events-store';
import { createMembershipsStore, type MembershipsStore } from '../../../store/memberships-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { defaultPolicies } from '../../../config/policies/delivery';
import { databaseForEach } from '../../support/database';
import { putLive } from '../../support/segments';

const PEPPER = 'a pepper of tests';
const DAY_MS = 86_400_000;

const database = databaseForEach(8);
let sql: Sql;
let memberships: MembershipsStore;
beforeEach(async () => {
  sql = database.db.app;
  memberships = createMembershipsStore(sql);
  await createPoliciesStore(sql).seedEmptyKinds(defaultPolicies());
});

async function person(market = 'FR'): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into profiles (market, source) values (${market}, 'test') returning id`;
  return row?.id ?? 0;
}

let nth = 0;
const event = (profile: number, type: string, daysAgo: number, change: Record<string, unknown> = {}) => ({
  id: `e${(nth += 1)}`,
  type,
  at: new Date(Date.now() - daysAgo * DAY_MS - 1_000).toISOString(),
  profile: { id: profile },
  ...change,
});

const derivedOf = async (id: number): Promise<Record<string, unknown>> =>
  (await sql<{ derived: Record<string, unknown> }[]>`select derived from profiles where id = ${id}`)[0]
    ?.derived ?? {};

const membersOf = async (segment: string): Promise<number[]> =>
  (
    await sql<
      { profile_id: number }[]
    >`select profile_id from segment_members where segment = ${segment} order by 1`
  ).map((row) => row.profile_id);

async function settle(now?: Date): Promise<void> {
  for (const key of await memberships.unbuilt()) await memberships.build(key);
  while ((await memberships.judgeTouched()) > 0);
  while ((await memberships.judgeDue(500, now)) > 0);
}

const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);

test('a purchase is told in the same breath, and so is the state; time moves the state on', async () => {
  const events = createEventsStore(sql, PEPPER);
  const anne = await person();
  for (const state of ['onboarding', 'active', 'churn-risk'])
    await putLive(sql, state, { attribute: 'state', op: 'eq', value: state });
  await settle();
  await events.append([
    event(anne, 'purchase', 0, { valueCents: 4_000 }),
    event(anne, 'purchase', 0, { valueCents: 20_001, currency: 'EUR' }),
    event(anne, 'purchase', 0, { valueCents: 99_999, currency: 'CHF' }),
  ]);
  expect(await derivedOf(anne)).toMatchObject({
    orders: 3,
    spent_cents: 24_001,
    mean_order_cents: 12_001,
    value_tier: 'mid',
    state: 'onboarding',
  });
  expect(await membersOf('onboarding')).toEqual([anne]);
  await settle(inDays(33));
  expect([await membersOf('onboarding'), await membersOf('active')]).toEqual([[], [anne]]);
  await settle(inDays(91));
  expect((await derivedOf(anne))['state']).toBe('churn-risk');
  expect(await membersOf('churn-risk')).toEqual([anne]);
});

test('interest is raised by each event, in whatever order, and fades; the strongest makes the behaviour', async () => {
  const events = createEventsStore(sql, PEPPER);
  const [anne, bob] = [await person(), await person()];
  await putLive(sql, 'lamp-lovers', { interest: 'lamps', op: 'gte', value: 3 });
  await putLive(sql, 'lamp-people', { attribute: 'behavior_cluster', op: 'eq', value: 'lamps' });
  await settle();
  const looked = (id: number, category: string, daysAgo: number) =>
    event(id, 'category-view', daysAgo, { properties: { category } });
  await events.append([looked(anne, 'lamps', 0), looked(anne, 'lamps', 0), looked(anne, 'sofas', 0)]);
  await events.append([looked(bob, 'lamps', 60), looked(bob, 'sofas', 0)]);
  expect(await membersOf('lamp-people')).toEqual([anne]);
  expect(await membersOf('lamp-lovers')).toEqual([]);
  // Two a half-life ago weigh as one now.
  await events.append([looked(anne, 'lamps', 30), looked(anne, 'lamps', 30), looked(anne, 'lamps', 0)]);
  expect(await membersOf('lamp-lovers')).toEqual([anne]);
  await settle(inDays(14));
  expect(await membersOf('lamp-lovers')).toEqual([]);
  await settle(inDays(60));
  expect(await membersOf('lamp-people')).toEqual([]);
  expect(await derivedOf(bob)).toEqual({});
});

test('events of other doors count too: they touch, and people are told when they are judged', async () => {
  const anne = await person();
  await sql`insert into events (id, profile_id, type, at, value_cents) values ('bought', ${anne}, 'purchase', now() - interval '1 day', 60000)`;
  expect(await derivedOf(anne)).toEqual({});
  await settle();
  expect(await derivedOf(anne)).toMatchObject({ orders: 1, value_tier: 'high', state: 'onboarding' });
});

test('bands are fifths of a market; means over a segment follow, and the rules that compare with them', async () => {
  const events = createEventsStore(sql, PEPPER);
  const refreshes = createRefreshes(sql);
  const french: number[] = [];
  while (french.length < 10) french.push(await person());
  const belgian = await person('BE');
  await events.append(
    french.flatMap((id, i) =>
      Array.from({ length: i + 1 }, () => event(id, 'purchase', 100 - i, { valueCents: 1_000 })),
    ),
  );
  await events.append([event(belgian, 'purchase', 3, { valueCents: 500 })]);
  await putLive(sql, 'customers', { attribute: 'orders', op: 'gte', value: 1 });
  const heavy = { attribute: 'orders', op: 'gt', times: 1.5, meanOf: 'customers' } as const;
  await putLive(sql, 'heavy', heavy);
  await putLive(sql, 'heavy-too', heavy);
  await settle();
  expect(await membersOf('heavy')).toEqual([]);
  expect(await refreshes.meansMissing()).toBe(true);
  await refreshes.value();
  await settle();
  await refreshes.means();
  expect(await refreshes.meansMissing()).toBe(false);
  expect(await refreshes.means()).toBe(0);
  await settle();
  const bands = await Promise.all(french.map(async (id) => (await derivedOf(id))['rfm']));
  expect(bands).toEqual(['111', '111', '222', '222', '333', '333', '444', '444', '555', '555']);
  expect((await derivedOf(belgian))['rfm']).toBe('111');
  // 56 orders of 11 customers: more than 7.6.
  expect(await membersOf('heavy')).toEqual(french.slice(7));
  expect(await membersOf('heavy-too')).toEqual(french.slice(7));
  // A purchase now is later than every cut.
  await events.append([event(french[0] ?? 0, 'purchase', 0, { valueCents: 1 })]);
  expect((await derivedOf(french[0] ?? 0))['rfm_recency']).toBe(5);
});

test('a purchase that comes while everybody is told anew is not taken back', async () => {
  const events = createEventsStore(sql, PEPPER);
  const [first, second] = [await person(), await person()];
  const refreshed = await sql.begin(async (tx) => {
    await tx`select from profiles where id = ${first} for update`;
    const refresh = createRefreshes(sql).value();
    await sleep(5);
    const at = new Date().toISOString();
    await sleep(5);
    await events.append([event(second, 'purchase', 0, { at, valueCents: 100 })]);
    return { refresh };
  });
  await refreshed.refresh;
  expect(await derivedOf(second)).toMatchObject({ orders: 1, spent_cents: 100 });
});

test('a policy that changes is felt by everybody, and a state may not be made of itself', async () => {
  const policies = createPoliciesStore(sql);
  const anne = await person();
  await settle();
  expect(await derivedOf(anne)).toEqual({});
  const never = { event: 'visit', withinDays: 30, op: 'eq', value: 0 };
  const asleep = lifecycleStateSchema.parse({ order: 9, about: 'Never came', rule: never });
  for (const rule of [
    { attribute: 'state', op: 'eq', value: 'active' },
    { segment: 'all' },
    { not: { event: 3 } },
  ])
    expect(lifecycleStateSchema.safeParse({ ...asleep, rule }).success).toBe(false);
  await policies.put('lifecycle', 'asleep', asleep, 'admin');
  await settle();
  expect(await derivedOf(anne)).toEqual({ state: 'asleep' });
  const late = await person();
  await settle();
  expect(await derivedOf(late)).toEqual({ state: 'asleep' });
  await policies.remove('lifecycle', 'asleep', 'admin');
  await settle();
  expect(await derivedOf(late)).toEqual({});
});

test('a refresh is done once a period, and given back where it was broken off', async () => {
  const refreshes = createRefreshes(sql);
  expect(await refreshes.inTurn('x', 60, () => Promise.resolve(false))).toBe(false);
  const both = await Promise.all([1, 2].map(() => refreshes.inTurn('x', 60, () => Promise.resolve(true))));
  expect(both.filter(Boolean)).toHaveLength(1);
  expect(await refreshes.inTurn('x', 60, () => Promise.resolve(true))).toBe(false);
  // Whoever was taken for dead frees nothing of who came after them.
  await refreshes.inTurn('y', 60, async () => {
    await sql`update refreshes set taken_by = 'another' where name = 'y'`;
    return true;
  });
  expect(await sql`select taken_by, done_at from refreshes where name = 'y'`).toEqual([
    { taken_by: 'another', done_at: null },
  ]);
});
