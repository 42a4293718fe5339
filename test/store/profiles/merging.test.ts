import { createConsentIntakeStore } from '../../../store/consent-intake-store';
import { createContactsStore } from '../../../store/contacts-store';
import { createConsentStore } from '../../../store/consent-store';
import { createEventsStore } from '../../../store/events-store';
import { createMergesStore } from '../../../store/merges-store';
import { NO_PREFERENCES } from '../../../domain/consent/preferences';
import { createPreferencesStore } from '../../../store/preferences-store';
import { createProfilesStore } from '../../../store/profiles-store';
import { bringStragglers } from '../../../store/merging/stragglers';
import { databaseForEach } from '../../support/database';
import { file, importFile, MAPPING, PEPPER } from '../../support/imports';
import { put, merge, undo, prepare, judgeAll, at, everything, two } from '../../support/merging';

const base = databaseForEach(4);

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
