import { patchOf } from '../../domain/profiles/profile-input';
import { appendConsentRows } from '../../store/consent-append';
import type { Db } from '../../store/db';
import { createEventsStore } from '../../store/events-store';
import { createMembershipsStore } from '../../store/memberships-store';
import { createMergesStore } from '../../store/merges-store';
import { createPoliciesStore } from '../../store/policies-store';
import { createProfilesStore } from '../../store/profiles-store';
import { PEPPER } from './imports';
import { putLive } from './segments';

export type Input = Parameters<typeof patchOf>[0];

export async function put(db: Db, input: Input, source = 'api') {
  const made = patchOf(input);
  if (!made.ok) throw new Error('the test gives good values');
  return createProfilesStore(db, PEPPER).upsert(made.patch, source);
}

export const merge = (db: Db, kept: number, merged: number): Promise<number> =>
  createMergesStore(db, PEPPER).merge({ kept, merged, reason: 'by hand', source: 'test', by: 'anne' });
export const undo = (db: Db, id: number): Promise<void> => createMergesStore(db, PEPPER).undo(id, 'anne');

export async function prepare(db: Db): Promise<void> {
  await createPoliciesStore(db.app).put(
    'interest',
    'views',
    { event: 'product-view', property: 'category', points: 3 },
    'anne',
  );
  await putLive(db.app, 'twice', { event: 'purchase', op: 'gte', value: 2 });
  await putLive(db.app, 'grown', { attribute: 'age', op: 'gte', value: 40 });
}

export async function judgeAll(db: Db): Promise<void> {
  const memberships = createMembershipsStore(db.app);
  while ((await memberships.judgeTouched()) > 0);
}

export const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

/** Everything that is said of people, without when rows were written. */
export async function everything(db: Db): Promise<unknown> {
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

export async function two(db: Db): Promise<{ anne: number; bea: number }> {
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
