import fc from 'fast-check';
import { patchOf } from '../../../domain/profiles/profile-input';
import { appendConsentRows } from '../../../store/consent-append';
import type { Db } from '../../../store/db';
import { createConsentIntakeStore } from '../../../store/consent-intake-store';
import { createContactsStore } from '../../../store/contacts-store';
import { createConsentStore } from '../../../store/consent-store';
import { createEventsStore } from '../../../store/events-store';
import { createMembershipsStore } from '../../../store/memberships-store';
import { createMergesStore } from '../../../store/merges-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { mergePatches } from '../../../store/profiles-merge';
import { NO_PREFERENCES } from '../../../domain/consent/preferences';
import { createPreferencesStore } from '../../../store/preferences-store';
import { createProfilesStore } from '../../../store/profiles-store';
import { originOf } from '../../../store/provenance';
import { resolveIdentities } from '../../../store/profile-refs';
import { bringStragglers } from '../../../store/merging/stragglers';
import { databaseForEach, freshDatabase } from '../../support/database';
import { file, importFile, MAPPING, PEPPER } from '../../support/imports';
import { putLive } from '../../support/segments';

const base = databaseForEach(4);

type Input = Parameters<typeof patchOf>[0];

async function put(db: Db, input: Input, source = 'api') {
  const made = patchOf(input);
  if (!made.ok) throw new Error('the test gives good values');
  return createProfilesStore(db, PEPPER).upsert(made.patch, source);
}

const merge = (db: Db, kept: number, merged: number): Promise<number> =>
  createMergesStore(db, PEPPER).merge({ kept, merged, reason: 'by hand', source: 'test', by: 'anne' });
const undo = (db: Db, id: number): Promise<void> => createMergesStore(db, PEPPER).undo(id, 'anne');

async function prepare(db: Db): Promise<void> {
  await createPoliciesStore(db.app).put(
    'interest',
    'views',
    { event: 'product-view', property: 'category', points: 3 },
    'anne',
  );
  await putLive(db.app, 'twice', { event: 'purchase', op: 'gte', value: 2 });
  await putLive(db.app, 'grown', { attribute: 'age', op: 'gte', value: 40 });
}

async function judgeAll(db: Db): Promise<void> {
  const memberships = createMembershipsStore(db.app);
  while ((await memberships.judgeTouched()) > 0);
}

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

/** Everything that is said of people, without when rows were written. */
async function everything(db: Db): Promise<unknown> {
  const sql = db.identity;
  return {
    profiles: await sql`
      select to_jsonb(p) - 'updated_at' - 'created_at' as row from profiles p order by id`,
    people: await sql`select to_jsonb(p) - 'updated_at' as row from identity.people p order by profile_id`,
    keys: await sql`select kind, hash, profile_id, original_id from profile_keys order by 1, 2`,
    origins: await sql`select * from field_origins where fields <> '{}' order by 1`,
    events: await sql`select id, profile_id, original_id, type from events order by id`,
    said: await sql`
      select profile_id, original_id, purpose, channel, action, at, source from consent_events order by id`,
    consents: await sql`
      select profile_id, purpose, channel, granted, at, event_id from consent_state order by 1, 2, 3`,
    contacts: await sql`select profile_id, original_id, at from contacts order by id`,
    devices: await sql`select token_fp, profile_id, original_id from devices order by 1`,
    interests: await sql`select * from interests order by 1, 2`,
    preferences: await sql`
      select to_jsonb(f) - 'updated_at' as row from preferences f order by profile_id`,
    suppressions:
      await sql`select encode(fingerprint, 'hex') as fp, scope, reason from suppressions order by 1, 2`,
    members: await sql`select segment, profile_id from segment_members order by 1, 2`,
  };
}

async function two(db: Db): Promise<{ anne: number; bea: number }> {
  await prepare(db);
  const anne = await put(db, {
    customerKey: 'k1',
    email: 'anne@exemple.fr',
    firstName: 'Anne',
    address1: '1 rue Haute',
    postcode: '75011',
    city: 'Paris',
    attributes: { age: 41, tier: 'gold' },
  });
  const bea = await put(db, {
    email: 'bea@exemple.fr',
    phone: '0612345678',
    firstName: 'Béa',
    address1: '2 rue Basse',
    address2: 'Bâtiment B',
    postcode: '69001',
    city: 'Lyon',
    attributes: { age: 30, pet: 'cat' },
  });
  const ids = { anne: anne.profileId, bea: bea.profileId };
  const events = createEventsStore(db.app, PEPPER);
  const view = { type: 'product-view', properties: { category: 'chairs' } };
  await events.append([
    { id: 'a1', profile: { id: ids.anne }, type: 'purchase', at: at(1), valueCents: 100 },
    { id: 'b1', profile: { id: ids.bea }, type: 'purchase', at: at(2), valueCents: 200 },
    { id: 'a2', profile: { id: ids.anne }, ...view, at: at(3) },
    { id: 'b2', profile: { id: ids.bea }, ...view, at: at(4) },
  ]);
  const said = (profileId: number, action: 'granted' | 'withdrawn' | 'objected', minute: number) => ({
    profileId,
    purpose: action === 'objected' ? 'survey' : 'promotion',
    channel: 'email',
    action,
    at: at(minute),
    fallbackAt: at(minute),
    expiresAt: null,
    source: 'form',
    wordingSha256: null,
    locale: null,
    evidence: {},
    recordedBy: 'test',
  });
  await appendConsentRows(db.app, [
    said(ids.anne, 'granted', 20),
    said(ids.bea, 'granted', 5),
    said(ids.bea, 'withdrawn', 10),
    said(ids.anne, 'objected', 1),
  ]);
  await db.app`
    insert into contacts (profile_id, at, nature, channel, department)
    select id, now(), 'promotion', 'email', 'crm' from unnest(${[ids.anne, ids.bea, ids.bea]}::bigint[]) id`;
  await db.app`insert into devices (token_fp, profile_id, platform) values ('\\x01', ${ids.bea}, 'ios')`;
  await db.app`
    insert into preferences (profile_id, refused_topics, newsletter_limit, newsletter_days, updated_by)
    values (${ids.anne}, '{sport}', 4, 30, 'anne'), (${ids.bea}, '{food}', 1, 30, 'bea')`;
  await db.app`
    insert into suppressions (fingerprint, scope, reason)
    select email_fp, 'global', 'complaint' from profiles where id = ${ids.anne}`;
  await judgeAll(db);
  return ids;
}

test('two profiles made one, as the later source has it, with everything that came with either', async () => {
  const { db } = base;
  const { anne, bea } = await two(db);
  await merge(db, anne, bea);
  await judgeAll(db);

  const profiles = createProfilesStore(db, PEPPER);
  expect(await profiles.get(bea)).toMatchObject({ mergedInto: anne });
  expect(await profiles.find({ email: 'bea@exemple.fr' })).toMatchObject({
    id: anne,
    area: '69',
    attributes: { age: 30, tier: 'gold', pet: 'cat' },
    mergedInto: null,
  });
  expect(await profiles.list({ limit: 9 })).toHaveLength(1);
  const [person] = await db.identity`
    select customer_key, email, first_name, address_1, address_2, city from identity.people where profile_id = ${anne}`;
  expect(person).toEqual({
    customer_key: 'k1',
    email: 'bea@exemple.fr',
    first_name: 'Béa',
    address_1: '2 rue Basse',
    address_2: 'Bâtiment B',
    city: 'Lyon',
  });
  // A no of either holds, though the other said yes later; a complaint goes along to the other address.
  expect(await createConsentStore(db.app).of(anne)).toMatchObject([
    { purpose: 'promotion', granted: false },
    { purpose: 'survey', granted: false },
  ]);
  expect(await createConsentStore(db.app).of(bea)).toEqual([]);
  expect(
    await db.app`
      select s.reason from profiles p join suppressions s on s.fingerprint = p.email_fp where p.id = ${anne}`,
  ).toEqual([{ reason: 'complaint' }]);
  expect(
    await db.app`select refused_topics, newsletter_limit from preferences where profile_id = ${anne}`,
  ).toEqual([{ refused_topics: ['food', 'sport'], newsletter_limit: 1 }]);
  expect(await db.app`select count(*) as n from contacts where profile_id = ${anne}`).toEqual([{ n: 3 }]);
  expect(await db.app`select profile_id, events from interests`).toEqual([{ profile_id: anne, events: 2 }]);
  // Two purchases between them; 41 years no more.
  expect(await db.app`select segment, profile_id from segment_members`).toEqual([
    { segment: 'twice', profile_id: anne },
  ]);
  expect((await createMergesStore(db, PEPPER).of(bea, 5))[0]).toMatchObject({
    kept: anne,
    won: { customerKey: 'api', email: 'api', city: 'api', 'attributes.pet': 'api' },
    undoneAt: null,
  });
});

test('undone, everything is as it was', async () => {
  const { db } = base;
  const { anne, bea } = await two(db);
  const cleo = (await put(db, { customerKey: 'k3', attributes: { age: 60 } })).profileId;
  await judgeAll(db);
  const before = await everything(db);
  const first = await merge(db, bea, cleo);
  const middle = await everything(db);
  const second = await merge(db, anne, bea);
  await judgeAll(db);
  await expect(undo(db, first)).rejects.toMatchObject({ code: 'conflict' });
  await undo(db, second);
  const { members: _, profiles: __, ...undone } = (await everything(db)) as Record<string, unknown>;
  expect(middle).toMatchObject(undone);
  await undo(db, first);
  await judgeAll(db);
  expect(await everything(db)).toEqual(before);
  await expect(undo(db, second)).rejects.toMatchObject({ code: 'conflict' });
  await expect(undo(db, 999)).rejects.toMatchObject({ code: 'not-found' });
  expect(await db.identity`select from identity.merge_snapshots`).toHaveLength(0);
});

test('what comes while they are one goes back with the identity it came with', async () => {
  const { db } = base;
  const { anne, bea } = await two(db);
  const id = await merge(db, anne, bea);
  const events = createEventsStore(db.app, PEPPER);
  await events.append([
    { id: 'by-key', profile: { email: 'bea@exemple.fr' }, type: 'purchase', at: at(30) },
    {
      id: 'by-id',
      profile: { id: bea },
      type: 'product-view',
      at: at(31),
      properties: { category: 'chairs' },
    },
    { id: 'hers', profile: { customerKey: 'k1' }, type: 'purchase', at: at(32) },
  ]);
  // As an open of an old message is written: by the profile it was sent to.
  await db.app`insert into events (id, profile_id, type, at) values ('open', ${bea}, 'open', now())`;
  expect(await db.app`select distinct profile_id from events`).toEqual([{ profile_id: anne }]);
  // She moves: that is the kept one's, whoever said it.
  await put(db, { email: 'bea@exemple.fr', attributes: { pet: 'dog' } });
  // A link of an old message.
  expect(
    await createConsentStore(db.app).withdraw({
      profileId: bea,
      purpose: 'newsletter',
      channel: 'email',
      source: 'link',
      recordedBy: 'test',
    }),
  ).toBe(true);

  await undo(db, id);
  await judgeAll(db);
  expect(await db.app`select id, profile_id, original_id from events order by id`).toEqual(
    [
      ['a1', anne],
      ['a2', anne],
      ['b1', bea],
      ['b2', bea],
      ['by-id', bea],
      ['by-key', bea],
      ['hers', anne],
      ['open', bea],
    ].map(([event, profile]) => ({ id: event, profile_id: profile, original_id: null })),
  );
  expect(await db.app`select profile_id, events from interests order by 1`).toEqual([
    { profile_id: anne, events: 1 },
    { profile_id: bea, events: 2 },
  ]);
  expect(await db.app`select profile_id from segment_members where segment = 'twice' order by 1`).toEqual([
    { profile_id: anne },
    { profile_id: bea },
  ]);
  // Nobody knows which of them said it.
  expect(
    await db.app`select profile_id, granted from consent_state where purpose = 'newsletter' order by 1`,
  ).toEqual([
    { profile_id: anne, granted: false },
    { profile_id: bea, granted: false },
  ]);
  const profiles = createProfilesStore(db, PEPPER);
  expect(await profiles.get(anne)).toMatchObject({ attributes: { age: 41, tier: 'gold', pet: 'dog' } });
  expect(await profiles.get(bea)).toMatchObject({ attributes: { age: 30, pet: 'cat' }, mergedInto: null });
});

test('consents and contacts of other tools go back with the identity they name', async () => {
  const { db } = base;
  const { anne, bea } = await two(db);
  const id = await merge(db, anne, bea);
  const profile = { email: 'bea@exemple.fr' };
  await createConsentIntakeStore(db.app, PEPPER).take(
    [{ profile, purpose: 'survey', channel: 'sms', action: 'granted', source: 'cmp', legalBasis: 'consent' }],
    'shop',
  );
  await createContactsStore(db.app, PEPPER).append([
    {
      profile,
      source: 'crm',
      externalId: 'c1',
      at: at(40),
      nature: 'survey',
      channel: 'sms',
      department: 'crm',
    },
  ]);
  const whose = async () => [
    ...(await db.app`select profile_id from consent_state where purpose = 'survey' and granted`),
    ...(await db.app`select profile_id from contacts where external_id = 'c1'`),
  ];
  expect(await whose()).toEqual([{ profile_id: anne }, { profile_id: anne }]);
  await undo(db, id);
  expect(await whose()).toEqual([{ profile_id: bea }, { profile_id: bea }]);
});

test('rows of a file go back with the identity they name', async () => {
  const { db } = base;
  await prepare(db);
  const kept = (await put(db, { customerKey: 'k1' })).profileId;
  const merged = (await put(db, { email: 'bea@exemple.fr' })).profileId;
  const id = await merge(db, kept, merged);
  await importFile(db, 'rows', MAPPING, file('k1,,,,,,10,3,,', ',bea@exemple.fr,,,,,20,2,oui,2026-01-05'));
  const whose = () => db.app`select profile_id, value_cents from events order by value_cents`;
  expect(await whose()).toEqual([
    { profile_id: kept, value_cents: 1_000 },
    { profile_id: kept, value_cents: 2_000 },
  ]);
  expect(await createConsentStore(db.app).of(kept)).toMatchObject([{ granted: true }]);
  await undo(db, id);
  expect(await whose()).toEqual([
    { profile_id: kept, value_cents: 1_000 },
    { profile_id: merged, value_cents: 2_000 },
  ]);
  expect(await createConsentStore(db.app).of(kept)).toEqual([]);
  expect(await createConsentStore(db.app).of(merged)).toMatchObject([{ granted: true }]);
});

test('what was being written meanwhile is brought along', async () => {
  const { db } = base;
  const { anne, bea } = await two(db);
  const id = await db.app.begin(async (tx) => {
    await tx`insert into events (id, profile_id, type, at) values ('late', ${bea}, 'purchase', now())`;
    return merge(db, anne, bea);
  });
  const late = () => db.app`select profile_id, original_id from events where id = 'late'`;
  expect(await late()).toEqual([{ profile_id: bea, original_id: null }]);
  expect(await bringStragglers(db.identity)).toBe(1);
  expect(await late()).toEqual([{ profile_id: anne, original_id: bea }]);
  expect(await bringStragglers(db.identity)).toBe(0);
  await undo(db, id);
  await bringStragglers(db.identity);
  expect(await late()).toEqual([{ profile_id: bea, original_id: null }]);
});

test('events that come in while profiles are merged and parted end where they belong', async () => {
  const { db } = base;
  await prepare(db);
  const [a, b] = [
    (await put(db, { customerKey: 'k1' })).profileId,
    (await put(db, { email: 'b@exemple.fr' })).profileId,
  ];
  const events = createEventsStore(db.app, PEPPER);
  const come = async (whose: 'a' | 'b'): Promise<void> => {
    for (let n = 0; n < 40; n += 1)
      await events.append([
        {
          id: `${whose}${n}`,
          profile:
            whose === 'a' ? { customerKey: 'k1' } : n % 2 === 0 ? { email: 'b@exemple.fr' } : { id: b },
          type: 'product-view',
          at: at(n),
          properties: { category: 'chairs' },
        },
      ]);
  };
  const mergeAndPart = async (): Promise<void> => {
    for (let n = 0; n < 4; n += 1) await undo(db, await merge(db, a, b));
  };
  await Promise.all([come('a'), come('b'), mergeAndPart()]);
  await merge(db, a, b);
  await bringStragglers(db.identity);
  expect(
    await db.app`select profile_id, original_id, count(*) as n from events group by 1, 2 order by 2 nulls first`,
  ).toEqual([
    { profile_id: a, original_id: null, n: 40 },
    { profile_id: a, original_id: b, n: 40 },
  ]);
  expect(await db.app`select profile_id, events from interests`).toEqual([{ profile_id: a, events: 80 }]);
});

describe('keys of two people in one patch', () => {
  test('a customer number with an address make them one', async () => {
    const { db } = base;
    const a = await put(db, { customerKey: 'k1', email: 'a@exemple.fr' });
    const b = await put(db, { email: 'b@exemple.fr', firstName: 'Béa' });
    const again = await put(db, { customerKey: 'k1', email: 'b@exemple.fr' }, 'shop');
    expect(again).toEqual({ profileId: a.profileId, outcome: 'merged', conflicts: [], originalId: null });
    expect((await createMergesStore(db, PEPPER).of(b.profileId, 5))[0]).toMatchObject({
      kept: a.profileId,
      reason: 'email',
      source: 'shop',
    });
    expect((await put(db, { customerKey: 'k1', email: 'b@exemple.fr' }, 'shop')).outcome).toBe('unchanged');
    expect(await resolveIdentities(db.app, PEPPER, [{ email: 'b@exemple.fr' }, { id: b.profileId }])).toEqual(
      [
        { id: a.profileId, originalId: b.profileId },
        { id: a.profileId, originalId: b.profileId },
      ],
    );
  });

  test('also of people the same file has just brought', async () => {
    const { db } = base;
    const rows: Input[] = [
      { customerKey: 'k1', email: 'a@exemple.fr' },
      { email: 'b@exemple.fr', firstName: 'Béa' },
      { customerKey: 'k1', email: 'b@exemple.fr' },
      { customerKey: 'k3', attributes: { age: 30 } },
      { phone: '0612345678' },
      { customerKey: 'k3', phone: '0612345678' },
    ];
    const patches = rows.map((row) => {
      const made = patchOf(row);
      if (!made.ok) throw new Error('the test gives good values');
      return made.patch;
    });
    const file = () =>
      db.identity.begin((tx) =>
        mergePatches(tx, PEPPER, 'shop', { market: 'FR', locale: 'fr' }, patches, (t) =>
          originOf(t, { source: 'shop', importId: null, steps: {} }),
        ),
      );
    const outcomes = await file();
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      'created',
      'created',
      'merged',
      'created',
      'created',
      'merged',
    ]);
    expect(outcomes[2]?.profileId).toBe(outcomes[0]?.profileId);
    expect(await db.app`select reason from profile_merges order by id`).toEqual([
      { reason: 'email' },
      { reason: 'phone' },
    ]);
    const again = await file();
    expect(again.filter(({ outcome, conflicts }) => outcome === 'created' || conflicts.length > 0)).toEqual(
      [],
    );
    expect(await db.app`select from profile_merges`).toHaveLength(2);
  });

  test('one after the other, with many rows between them', async () => {
    const { db } = base;
    const plain = (from: number, count: number): Input[] =>
      Array.from({ length: count }, (_, i) => ({ customerKey: `p${from + i}` }));
    const rows: Input[] = [
      { customerKey: 'k1' },
      { email: 'a@exemple.fr' },
      { customerKey: 'k2' },
      { email: 'b@exemple.fr' },
      { customerKey: 'k1', email: 'a@exemple.fr' },
      ...plain(0, 120),
      { customerKey: 'k2', email: 'b@exemple.fr' },
      ...plain(100, 60),
    ];
    const patches = rows.map((row) => {
      const made = patchOf(row);
      if (!made.ok) throw new Error('the test gives good values');
      return made.patch;
    });
    const outcomes = await db.identity.begin((tx) =>
      mergePatches(tx, PEPPER, 'shop', { market: 'FR', locale: 'fr' }, patches, (t) =>
        originOf(t, { source: 'shop', importId: null, steps: {} }),
      ),
    );
    const kinds = outcomes.map(({ outcome }) => outcome);
    expect(kinds).toHaveLength(rows.length);
    expect(kinds.flatMap((kind, i) => (kind === 'merged' ? [i] : []))).toEqual([4, 125]);
    expect(kinds.filter((kind) => kind === 'unchanged')).toHaveLength(20);
    expect(await db.app`select from profile_merges`).toHaveLength(2);
    expect(await db.app`select from profiles where merged_into is null`).toHaveLength(162);
  });

  test('two customer numbers are two people', async () => {
    const { db } = base;
    await put(db, { customerKey: 'k1' });
    await put(db, { customerKey: 'k2', email: 'b@exemple.fr' });
    expect(await put(db, { customerKey: 'k1', email: 'b@exemple.fr' })).toMatchObject({
      conflicts: ['email'],
      outcome: 'unchanged',
    });
    expect(await db.app`select from profile_merges`).toHaveLength(0);
  });

  test('however often they share an address, and whichever of them comes first', async () => {
    const { db } = base;
    const anne = await put(db, { customerKey: 'fam-1', email: 'fam@exemple.fr', firstName: 'Anne' });
    const paul = await put(db, { customerKey: 'fam-2', email: 'fam@exemple.fr', firstName: 'Paul' });
    expect(paul).toMatchObject({ outcome: 'created', conflicts: ['email'] });
    const rows = Array.from({ length: 40 }, (_, i) => `f${i},famille@exemple.fr,,P${i},75011,,,,oui,`);
    await importFile(db, 'families', MAPPING, file(...rows));
    const [counted] = await db.app<{ people: number; addresses: number }[]>`
      select count(*) as people, count(email_fp) as addresses from profiles`;
    expect(counted).toEqual({ people: 42, addresses: 2 });
    const named = db.identity`select first_name from identity.people where profile_id = ${anne.profileId}`;
    expect(await named).toEqual([{ first_name: 'Anne' }]);
  });

  test('a telephone brings in only whom nothing else is known of', async () => {
    const { db } = base;
    await put(db, { phone: '0612345678', firstName: 'Anne' });
    const a = await put(db, { customerKey: 'k1', firstName: 'anne' });
    expect(await put(db, { customerKey: 'k1', phone: '0612345678' })).toMatchObject({
      profileId: a.profileId,
      outcome: 'merged',
      conflicts: [],
    });
    await put(db, { customerKey: 'k2', firstName: 'Zoé' });
    expect(await put(db, { customerKey: 'k2', phone: '0612345678' })).toMatchObject({ conflicts: ['phone'] });
  });
});

test('any merges, undone in turn, leave what would have come without them', async () => {
  const PEOPLE = 4;
  const who = fc.nat(PEOPLE - 1);
  const step = fc.oneof(
    fc.record({ do: fc.constant('merge' as const), a: who, b: who }),
    fc.record({ do: fc.constant('undo' as const) }),
    fc.record({ do: fc.constant('event' as const), a: who, byKey: fc.boolean(), view: fc.boolean() }),
    fc.record({ do: fc.constant('consent' as const), a: who, yes: fc.boolean() }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const [merging, plain] = await Promise.all([freshDatabase(3), freshDatabase(3)]);
      try {
        const worlds = [merging.db, plain.db];
        for (const db of worlds) {
          await prepare(db);
          for (let n = 1; n <= PEOPLE; n += 1)
            await put(db, {
              customerKey: `k${n}`,
              email: `p${n}@exemple.fr`,
              attributes: { age: 30 + 5 * n },
            });
        }
        const open: number[] = [];
        for (const [i, one] of steps.entries()) {
          if (one.do === 'merge') {
            const id = await merge(merging.db, one.a + 1, one.b + 1).catch(() => null);
            if (id !== null) open.push(id);
          } else if (one.do === 'undo') {
            const id = open.pop();
            if (id !== undefined) await undo(merging.db, id);
          } else
            for (const db of worlds)
              await (one.do === 'event'
                ? createEventsStore(db.app, PEPPER).append([
                    {
                      id: `e${i}`,
                      profile: one.byKey ? { email: `p${one.a + 1}@exemple.fr` } : { id: one.a + 1 },
                      type: one.view ? 'product-view' : 'purchase',
                      at: at(i),
                      ...(one.view ? { properties: { category: 'chairs' } } : {}),
                    },
                  ])
                : appendConsentRows(db.app, [
                    {
                      profileId: one.a + 1,
                      purpose: 'promotion',
                      channel: 'email',
                      action: one.yes ? 'granted' : 'withdrawn',
                      at: at(i),
                      fallbackAt: at(i),
                      expiresAt: null,
                      source: 'form',
                      wordingSha256: null,
                      locale: null,
                      evidence: {},
                      recordedBy: 'test',
                    },
                  ]));
        }
        for (let id = open.pop(); id !== undefined; id = open.pop()) await undo(merging.db, id);
        await Promise.all(worlds.map(judgeAll));
        const facts = async (db: Db) => ({
          people: await db.identity`
            select p.id, p.attributes, p.derived, p.merged_into, i.customer_key, i.email
            from profiles p join identity.people i on i.profile_id = p.id order by 1`,
          keys: await db.app`select kind, hash, profile_id, original_id from profile_keys order by 1, 2`,
          events: await db.app`select id, profile_id, original_id from events order by 1`,
          interests: (
            await db.app<{ id: number; events: number; weight: number }[]>`
              select profile_id as id, events, weight from interests order by 1`
          ).map((row) => ({ ...row, weight: Number(row.weight.toPrecision(9)) })),
          members: await db.app`select segment, profile_id from segment_members order by 1, 2`,
        });
        expect(await facts(merging.db)).toEqual(await facts(plain.db));
        const yeses = (db: Db) =>
          db.app<{ id: number }[]>`select profile_id as id from consent_state where granted order by 1`;
        const allowed = new Set((await yeses(plain.db)).map(({ id }) => id));
        expect((await yeses(merging.db)).filter(({ id }) => !allowed.has(id))).toEqual([]);
      } finally {
        await Promise.all([merging.close(), plain.close()]);
      }
    }),
    { numRuns: 5 },
  );
});

test('names that every object has are names like others', async () => {
  const { db } = base;
  await prepare(db);
  const kept = (await put(db, { customerKey: 'K1', attributes: { constructor: 5 } })).profileId;
  const merged = (await put(db, { customerKey: 'M1' })).profileId;
  await createEventsStore(db.app, PEPPER).append([
    {
      id: 'v1',
      type: 'product-view',
      at: at(1),
      profile: { id: kept },
      properties: { category: 'constructor' },
    },
    { id: 'v2', type: 'product-view', at: at(2), profile: { id: merged }, properties: { category: 'lamps' } },
  ]);
  const before = await everything(db);
  const id = await merge(db, kept, merged);
  expect((await createProfilesStore(db, PEPPER).get(kept))?.attributes).toEqual({ constructor: 5 });
  await undo(db, id);
  expect(await everything(db)).toEqual(before);
});

test('what somebody prefers under a number that was merged away holds for who stands for them', async () => {
  const { db } = base;
  const kept = (await put(db, { customerKey: 'K1' })).profileId;
  const merged = (await put(db, { customerKey: 'M1' })).profileId;
  await merge(db, kept, merged);
  await createPreferencesStore(db.app).put(merged, { ...NO_PREFERENCES, refusedTopics: ['garden'] }, 'anne');
  const rows = await db.app`select profile_id, refused_topics from preferences`;
  expect([...rows]).toMatchObject([{ profile_id: kept, refused_topics: ['garden'] }]);
});

test('the same file between a merge and its undo leaves each profile its own', async () => {
  const { db } = base;
  const rows = file('1,anne@exemple.fr,,Anne,75011,41,,,oui,', '2,bob@exemple.fr,,Bob,69001,35,,,oui,');
  await importFile(db, 'one', MAPPING, rows);
  const people = () => db.identity`
    select customer_key, email, first_name from identity.people order by profile_id`;
  const said = () => db.app`select area, attributes from profiles order by id`;
  const before = [[...(await people())], [...(await said())]];
  const [kept, merged] = (await db.app<{ id: number }[]>`select id from profiles order by id`).map(
    ({ id }) => id,
  );
  const id = await merge(db, kept ?? 0, merged ?? 0);
  // What it says of the second is said of whoever stands for both.
  await importFile(db, 'two', { ...MAPPING, key: 'again' }, rows);
  await undo(db, id);
  expect([[...(await people())], [...(await said())]]).toEqual(before);
});
