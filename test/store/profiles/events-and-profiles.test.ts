import { defaultPolicies } from '../../../config/policies/delivery';
import { eventSchema, type EventInput } from '../../../domain/events/event';
import { patchOf } from '../../../domain/profiles/profile-input';
import { createEventsStore } from '../../../store/events-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { createProfilesStore } from '../../../store/profiles-store';
import { fingerprint } from '../../../store/fingerprint';
import type { Db } from '../../../store/db';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { PEPPER } from '../../support/imports';

let database: FreshDatabase;
let db: Db;
beforeAll(async () => {
  database = await freshDatabase(4);
  db = database.db;
  await createPoliciesStore(db.app).seedEmptyKinds({ consistency: defaultPolicies().consistency });
});
afterAll(() => database.close());

async function put(input: Parameters<typeof patchOf>[0]): Promise<{ profileId: number; outcome: string }> {
  const made = patchOf(input);
  if (!made.ok) throw new Error('the test gives good values');
  return createProfilesStore(db, PEPPER).upsert(made.patch, 'api');
}

test('one person by the API, found by every key and never with an identity', async () => {
  const profiles = createProfilesStore(db, PEPPER);
  const { profileId, outcome } = await put({
    customerKey: 'k1',
    email: 'Anne@Exemple.fr',
    firstName: 'Anne',
    attributes: { age: 41 },
  });
  expect(outcome).toBe('created');
  expect((await put({ customerKey: 'k1', attributes: { age: 42, tier: 'gold' } })).outcome).toBe('merged');
  const origins = () => db.identity`select from origins`;
  const noted = (await origins()).length;
  expect((await put({ email: 'anne@exemple.fr', attributes: { age: 42 } })).outcome).toBe('unchanged');
  expect(await origins()).toHaveLength(noted);
  expect(await put({ customerKey: 'k1', attributes: { tier: null } })).toMatchObject({
    profileId,
    outcome: 'merged',
  });
  const view = await profiles.get(profileId);
  expect(view).toMatchObject({
    attributes: { age: 42 },
    reachable: { email: true, phone: false },
    source: 'api',
  });
  expect(JSON.stringify(view)).not.toMatch(/anne/i);
  expect(await profiles.find({ email: 'ANNE@exemple.fr' })).toEqual(view);
  expect(await profiles.list({ limit: 5 })).toEqual([view]);
  expect(await profiles.list({ after: profileId, limit: 5 })).toEqual([]);
  const refs = [
    { id: profileId },
    { customerKey: 'k1' },
    { email: 'nobody@exemple.fr' },
    { email: 'broken' },
    { id: 999_999 },
    { email: 'anne@exemple.fr' },
  ];
  expect(await profiles.resolveRefs(refs)).toEqual([profileId, profileId, null, null, null, profileId]);
});

test('the app role cannot read identities', async () => {
  await expect(db.app`select * from identity.people`).rejects.toMatchObject({ code: '42501' });
});

test('a mistyped provider is doubted until the address is put right', async () => {
  const { profileId } = await put({ customerKey: 'k2', email: 'bob@gmial.com' });
  const profiles = createProfilesStore(db, PEPPER);
  expect(await profiles.get(profileId)).toMatchObject({ doubtful: ['email'] });
  await put({ customerKey: 'k2', email: 'bob@gmail.com' });
  expect(await profiles.get(profileId)).toMatchObject({ doubtful: [] });
});

test('an event counts once, whoever is unknown is said, and the answer adds up', async () => {
  await put({ customerKey: 'k3', email: 'zoe@exemple.fr' });
  const events = createEventsStore(db.app, PEPPER);
  const visit = (id: string, profile: EventInput['profile']): EventInput =>
    eventSchema.parse({ id, type: 'visit', at: '2026-11-01T10:00:00+01:00', profile });
  const batch = [
    visit('a', { customerKey: 'k3' }),
    visit('b', { email: 'Zoe@exemple.fr' }),
    visit('a', { customerKey: 'k3' }),
    visit('c', { customerKey: 'ghost' }),
  ];
  expect(await events.append(batch)).toEqual({
    accepted: 2,
    duplicates: 1,
    rejected: [{ index: 3, code: 'profile-unknown' }],
  });
  expect(await events.append(batch)).toEqual({
    accepted: 0,
    duplicates: 3,
    rejected: [{ index: 3, code: 'profile-unknown' }],
  });
  const [stored] = await db.app<{ n: number; at: Date }[]>`select count(*) as n, min(at) as at from events`;
  expect(stored?.n).toBe(2);
  expect(stored?.at.toISOString()).toBe('2026-11-01T09:00:00.000Z');
  expect(await events.append([])).toEqual({ accepted: 0, duplicates: 0, rejected: [] });
  const same = await Promise.all([
    events.append([visit('d', { customerKey: 'k3' })]),
    events.append([visit('d', { customerKey: 'k3' })]),
  ]);
  expect(same.map((s) => s.accepted).sort()).toEqual([0, 1]);
});

test('a shape PostgreSQL could not hold is not an event', () => {
  const base = { id: 'x', type: 'visit', at: '2026-11-01T10:00:00Z', profile: { id: 1 } };
  expect(eventSchema.safeParse(base).success).toBe(true);
  for (const bad of [
    { id: 'a\u0000' },
    { type: '\ud800' },
    { at: '0000-01-01T00:00:00Z' },
    { at: 'yesterday' },
    { profile: {} },
    { properties: { a: '\u0000' } },
  ]) {
    expect(eventSchema.safeParse({ ...base, ...bad }).success).toBe(false);
  }
});

test('fingerprints differ by kind and by pepper', () => {
  const hex = (pepper: string, kind: 'email' | 'customer'): string =>
    fingerprint(pepper, kind, 'a@b.fr').toString('hex');
  expect(new Set([hex(PEPPER, 'email'), hex(PEPPER, 'customer'), hex('another-pepper', 'email')]).size).toBe(
    3,
  );
});
