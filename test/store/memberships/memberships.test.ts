import fc from 'fast-check';
import { resolveRule } from '../../../domain/segments/resolve';
import { createConsentStore } from '../../../store/consent-store';
import type { Sql } from '../../../store/db';
import { createEventsStore } from '../../../store/events-store';
import { createMembershipsStore, type MembershipsStore } from '../../../store/memberships-store';
import { readLiveRules } from '../../../store/memberships/live-rules-cache';
import { ruleSql } from '../../../store/segment-sql';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { putLive } from '../../support/segments';

const PEPPER = 'a pepper of tests';
const DAY_MS = 86_400_000;

let database: FreshDatabase;
let sql: Sql;
let memberships: MembershipsStore;
beforeEach(async () => {
  database = await freshDatabase(8);
  sql = database.db.app;
  memberships = createMembershipsStore(sql);
});
afterEach(() => database.close());

async function people(n: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    insert into profiles (attributes, source) select jsonb_build_object('age', 20 + n), 'test'
    from generate_series(0, ${n - 1}::int) n returning id`;
  return rows.map(({ id }) => id);
}

const membersOf = async (segment: string): Promise<number[]> =>
  (
    await sql<{ profile_id: number }[]>`
      select profile_id from segment_members where segment = ${segment} order by profile_id`
  ).map((row) => row.profile_id);

async function settle(now?: Date): Promise<void> {
  for (const key of await memberships.unbuilt()) await memberships.build(key);
  while ((await memberships.judgeTouched()) > 0);
  while ((await memberships.judgeDue(500, now)) > 0);
}

let nth = 0;
const event = (profile: number, type: string, change: Record<string, unknown> = {}) => ({
  id: `e${(nth += 1)}`,
  type,
  at: new Date(Date.now() - 1_000).toISOString(),
  profile: { id: profile },
  ...change,
});

test('an event puts somebody in before it is answered; time takes them out; history and subscribers are told', async () => {
  const [anne = 0, bob = 0] = await people(2);
  await sql`
    insert into webhook_subscriptions (id, url, events, secret, created_by)
    values ('w1', 'https://crm.example/hook', '{segment.entered,segment.left}', 's', 'anne')`;
  await putLive(sql, 'keen', { event: 'visit', withinDays: 7, op: 'gte', value: 3 });
  await settle();
  const events = createEventsStore(sql, PEPPER);
  await events.append([event(anne, 'visit'), event(anne, 'visit'), event(bob, 'visit')]);
  expect(await membersOf('keen')).toEqual([]);
  const third = event(anne, 'visit');
  await events.append([third]);
  expect(await membersOf('keen')).toEqual([anne]);
  await events.append([third]);
  expect(await memberships.judgeDue()).toBe(0);

  await settle(new Date(Date.now() + 7 * DAY_MS));
  expect(await membersOf('keen')).toEqual([]);
  expect(await memberships.history(anne, 10)).toMatchObject([
    { segment: 'keen', version: 1, entered: false, cause: 'time' },
    { segment: 'keen', version: 1, entered: true, cause: 'event' },
  ]);
  const told = await sql<{ event: string; payload: { profileId: number } }[]>`
    select event, payload from webhook_outbox order by id`;
  expect(told.map((t) => [t.event, t.payload.profileId])).toEqual([
    ['segment.entered', anne],
    ['segment.left', anne],
  ]);
});

test('what is absent comes true by the clock: no purchase for 30 days', async () => {
  const [anne = 0, bob = 0] = await people(2);
  const events = createEventsStore(sql, PEPPER);
  await events.append([event(anne, 'purchase', { valueCents: 100 })]);
  await putLive(sql, 'lapsed', { event: 'purchase', withinDays: 30, op: 'eq', value: 0 });
  await settle();
  expect(await membersOf('lapsed')).toEqual([bob]);
  await settle(new Date(Date.now() + 29 * DAY_MS));
  expect(await membersOf('lapsed')).toEqual([bob]);
  await settle(new Date(Date.now() + 30 * DAY_MS));
  expect(await membersOf('lapsed')).toEqual([anne, bob]);
  // Somebody new has bought nothing either.
  const [carl = 0] = await people(1);
  await settle();
  expect(await membersOf('lapsed')).toContain(carl);
});

test('a change of the profile, a consent or a device touches; what nobody reads does not', async () => {
  const [anne = 0] = await people(1);
  await putLive(sql, 'reached', {
    any: [
      { attribute: 'city', op: 'eq', value: 'Lyon' },
      { consent: 'promotion', channel: 'sms' },
      { reachable: 'push' },
    ],
  });
  await settle();
  const touched = async (): Promise<number> => (await sql`select from profile_touches`).length;
  await sql`insert into events (id, profile_id, type, at) values ('opened', ${anne}, 'message.opened', now())`;
  expect(await touched()).toBe(0);
  const consents = createConsentStore(sql);
  await consents.append([
    {
      profileId: anne,
      purpose: 'promotion',
      channel: 'sms',
      action: 'granted',
      at: new Date().toISOString(),
      source: 'test',
      evidence: {},
      recordedBy: 'test',
    },
  ]);
  expect(await touched()).toBeGreaterThan(0);
  await settle();
  expect(await membersOf('reached')).toEqual([anne]);
  await consents.withdraw({
    profileId: anne,
    purpose: 'promotion',
    channel: 'sms',
    source: 'test',
    recordedBy: 'test',
  });
  await settle();
  expect(await membersOf('reached')).toEqual([]);
  await sql`insert into devices (token_fp, profile_id, platform) values ('\x01', ${anne}, 'web')`;
  await settle();
  expect(await membersOf('reached')).toEqual([anne]);
  await sql`update profiles set merged_into = 1 where id = ${anne}`;
  await settle();
  expect(await membersOf('reached')).toEqual([]);
});

test('whatever happens at once, members are whom the live rules hold for, and their history leads there', async () => {
  const ids = await people(12);
  const events = createEventsStore(sql, PEPPER);
  const other = createEventsStore(sql, PEPPER);
  const RULES = [
    { event: 'visit', withinDays: 30, op: 'gte', value: 2 },
    { event: 'visit', op: 'lt', value: 2 },
    {
      all: [{ attribute: 'age', op: 'gte', value: 25 }, { not: { event: 'purchase', op: 'gte', value: 1 } }],
    },
    { event: 'purchase', measure: 'sum-cents', op: 'gt', value: 150 },
    { not: { segment: 's9' } },
  ];
  await putLive(sql, 's9', RULES[0]);
  const step = fc.oneof(
    fc.record({
      does: fc.constant('event' as const),
      who: fc.nat(11),
      type: fc.constantFrom('visit', 'purchase'),
      by: fc.nat(1),
    }),
    fc.record({
      does: fc.constant('several' as const),
      who: fc.nat(11),
      type: fc.constantFrom('visit', 'purchase'),
      by: fc.nat(1),
    }),
    fc.record({ does: fc.constant('age' as const), who: fc.nat(11), by: fc.nat(40) }),
    fc.record({
      does: fc.constant('live' as const),
      who: fc.nat(2),
      by: fc.nat(RULES.length - 1),
      named: fc.boolean(),
    }),
    fc.record({ does: fc.constant('lane' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 }),
      async (rounds) => {
        for (const round of rounds)
          await Promise.all(
            round.map(async (one) => {
              if (one.does === 'lane') {
                await memberships.judgeTouched(3);
                for (const key of await memberships.unbuilt()) await memberships.build(key);
              } else if (one.does === 'live')
                await putLive(sql, one.named ? 's9' : `s${one.who}`, RULES[one.named ? one.by % 4 : one.by]);
              else if (one.does === 'age')
                await sql`update profiles set attributes = jsonb_build_object('age', ${10 + one.by}::int) where id = ${ids[one.who] ?? 0}`;
              else {
                const some =
                  one.does === 'event' ? [one.who] : [one.who, (one.who + 5) % 12, (one.who + 7) % 12];
                await (one.by === 0 ? events : other).append(
                  some.map((who) => event(ids[who] ?? 0, one.type, { valueCents: 100 })),
                );
              }
            }),
          );
        await settle();
        const { all } = await readLiveRules(sql);
        for (const { segment, rule } of all) {
          const expected = await sql<{ id: number }[]>`
          select p.id from profiles p where ${ruleSql(sql, rule, new Date())} order by p.id`;
          expect({ segment, members: await membersOf(segment) }).toEqual({
            segment,
            members: expected.map((e) => e.id),
          });
          const led = await sql<{ profile_id: number }[]>`
          select profile_id from (
            select distinct on (profile_id) profile_id, entered from membership_changes
            where segment = ${segment} order by profile_id, id desc) last
          where entered order by profile_id`;
          expect(led.map((row) => row.profile_id)).toEqual(expected.map((e) => e.id));
        }
      },
    ),
    { numRuns: 25, endOnFailure: true },
  );
}, 60_000);

test('a live rule is resolved with what it names', async () => {
  await putLive(sql, 'paris', { regions: ['11'] });
  await putLive(sql, 'young-paris', {
    all: [{ segment: 'paris' }, { attribute: 'age', op: 'lt', value: 26 }],
  });
  const { all } = await readLiveRules(sql);
  expect(all.find(({ segment }) => segment === 'young-paris')?.rule).toEqual(
    resolveRule(
      {
        all: [
          { attribute: 'area', in: ['75', '77', '78', '91', '92', '93', '94', '95'] },
          { attribute: 'age', op: 'lt', value: 26 },
        ],
      },
      { liveRules: new Map(), means: new Map() },
    ),
  );
});

test('somebody who cannot be judged is put off, and holds up nobody else', async () => {
  const ids = await people(40);
  const [anne = 0] = ids;
  await putLive(sql, 'adults', { attribute: 'age', op: 'gte', value: 18 });
  // More than a sum can hold.
  await sql`
    insert into events (id, profile_id, type, at, value_cents)
    select 'much.' || n, ${anne}, 'purchase', now(), 9007199254740991 from generate_series(1, 1100) n`;
  await sql`delete from profile_touches`;
  await sql`insert into profile_touches (profile_id) select id from profiles order by id`;
  const putOff: number[] = [];
  memberships = createMembershipsStore(sql, (profileId) => void putOff.push(profileId));
  while ((await memberships.judgeTouched()) > 0);
  expect(putOff).toEqual([anne]);
  expect(await membersOf('adults')).toEqual(ids.slice(1));

  await sql`update profile_clock set due_at = now() - interval '1 hour'`;
  await sql`insert into profile_clock (profile_id, due_at) values (${anne}, now() - interval '2 hours')`;
  while ((await memberships.judgeDue()) > 0);
  expect(putOff).toEqual([anne, anne]);

  await sql`delete from events`;
  await sql`update profile_touches set not_before = now() - interval '1 second' where profile_id = ${anne}`;
  while ((await memberships.judgeTouched()) > 0);
  expect(await membersOf('adults')).toEqual(ids);
});
