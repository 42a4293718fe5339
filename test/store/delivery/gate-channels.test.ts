import type { Channel } from '../../../domain/shared/words';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { consent, fromNow, HOUR_MS, policy, prefers, said, throughGate } from '../../support/gate';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase(4);
});
afterEach(() => database.close());

/** Gives people a phone, a postal address and a device, each their own. */
async function reach(people: readonly number[]): Promise<void> {
  const { app } = database.db;
  await app`
    update profiles set phone_fp = sha256(('phone' || id)::bytea), postal_fp = sha256(('post' || id)::bytea) where id = any(${[...people]}::bigint[])`;
  await app`
    insert into devices (token_fp, profile_id, platform) select sha256(('token' || id)::bytea), id, 'web' from unnest(${[...people]}::bigint[]) id`;
}

const suppress = (profileId: number, column: string) =>
  database.db.app`
    insert into suppressions (fingerprint, reason) select ${database.db.app(column)}, 'hard-bounce' from profiles where id = ${profileId}`;

it('one channel after the other, by reach, suppression and consent of that channel', async () => {
  const { db } = database;
  const people = await seedPeople(db, 7);
  const [first, noPhone, deadPhone, noSms, noDevice, nothing, none] = people.map(Number);
  await reach(people);
  const channels: Channel[] = ['sms', 'push', 'email'];
  const campaign = await seedCampaign(db, { people, consent: false, scenario: { channels } });
  const given = new Map<string, number>();
  for (const person of people)
    for (const channel of channels)
      if (person !== none) given.set(`${person} ${channel}`, await consent(db, person, 'promotion', channel));
  await db.app`update profiles set phone_fp = null where id in (${noPhone ?? 0}, ${noDevice ?? 0}, ${nothing ?? 0})`;
  await suppress(deadPhone ?? 0, 'phone_fp');
  await consent(db, noSms ?? 0, 'promotion', 'sms', false);
  await db.app`update devices set revoked_at = now() where profile_id in (${noDevice ?? 0}, ${nothing ?? 0})`;
  await db.app`update profiles set email_fp = null where id = ${nothing ?? 0}`;
  const answers = await throughGate(db, campaign);
  expect(said(answers)).toEqual([
    'claimed sms',
    'claimed push',
    'claimed push',
    'claimed push',
    'claimed email',
    'skipped unreachable',
    'skipped no-consent',
  ]);
  expect(answers[0]?.consentEventId).toBe(given.get(`${first} sms`));
  expect(answers[1]?.consentEventId).toBe(given.get(`${noPhone} push`));
  const contacts = await db.app<
    { channel: string; format: string }[]
  >`select channel, format from contacts order by profile_id`;
  expect(contacts.map((row) => `${row.channel} ${row.format}`)).toEqual([
    'sms short',
    'push short',
    'push short',
    'push short',
    'email short',
  ]);
});

it('the channel somebody prefers comes first, where the message may take it', async () => {
  const { db } = database;
  const people = await seedPeople(db, 3);
  const [push, letter] = people.map(Number);
  await reach(people);
  const campaign = await seedCampaign(db, {
    people,
    nature: 'official',
    scenario: { channels: ['email', 'push'] },
  });
  await prefers(db, push ?? 0, { channel: 'push' });
  await prefers(db, letter ?? 0, { channel: 'letter' });
  expect(said(await throughGate(db, campaign))).toEqual(['claimed push', 'claimed email', 'claimed email']);
});

it('what failed before is not tried again; with nothing left it stays failed', async () => {
  const { db } = database;
  const people = await seedPeople(db, 2);
  const [one, both] = people.map(Number);
  await reach(people);
  const campaign = await seedCampaign(db, {
    people,
    nature: 'official',
    scenario: { channels: ['email', 'sms'] },
  });
  expect(said(await throughGate(db, campaign))).toEqual(['claimed email', 'claimed email']);
  await db.app`
    update deliveries set state = 'planned', code = '550', tried = case profile_id when ${one ?? 0} then '{email}' else '{email,sms}' end::text[]`;
  await db.app`delete from contacts`;
  expect(said(await throughGate(db, campaign, { source: 'due' }))).toEqual([
    'claimed sms',
    'failed channel-failed',
  ]);
  const [left] = await db.app`select channel, state, code from deliveries where profile_id = ${both ?? 0}`;
  expect(left).toEqual({ channel: 'sms', state: 'failed', code: '550' });
});

it('a registered e-letter only to who agreed to be served so; paper for the others', async () => {
  const { db } = database;
  const people = await seedPeople(db, 3);
  const [agreed, refused] = people.map(Number);
  await reach(people);
  const dunning = {
    nature: 'official',
    urgency: 'dunning',
    channels: ['e-letter', 'letter'],
    letterKind: 'registered',
  };
  await policy(db, 'channel', 'official-dunning', dunning);
  const proof = await consent(db, agreed ?? 0, 'registered-e-letter', 'e-letter');
  await consent(db, refused ?? 0, 'registered-e-letter', 'e-letter', false);
  const campaign = await seedCampaign(db, { people, nature: 'official', scenario: { urgency: 'dunning' } });
  const answers = await throughGate(db, campaign);
  expect(said(answers)).toEqual(['claimed e-letter', 'claimed letter', 'claimed letter']);
  expect(answers.map((row) => row.consentEventId)).toEqual([proof, null, null]);

  // One that is not qualified needs no such consent.
  await policy(db, 'channel', 'official-dunning', { ...dunning, letterKind: 'tracked' });
  const plain = await seedCampaign(db, {
    campaignId: 'cplainaaaaaa',
    people,
    nature: 'official',
    scenario: { urgency: 'dunning' },
  });
  expect(said(await throughGate(db, plain))).toEqual([
    'claimed e-letter',
    'claimed e-letter',
    'claimed e-letter',
  ]);
});

it('in-app reaches everybody; of several deferrals the earliest wins over a refusal', async () => {
  const { db } = database;
  const people = await seedPeople(db, 2);
  const [open] = people.map(Number);
  await reach(people);
  for (const person of people) await consent(db, person, 'promotion', 'sms');
  await consent(db, open ?? 0, 'promotion', 'in-app');
  // Closed now whatever the hour is, open again within two hours.
  const local = fromNow(HOUR_MS).toLocaleTimeString('en-GB', { timeZone: 'Europe/Paris', hour: '2-digit' });
  const span = {
    from: `${local}:00`,
    to: local === '23' ? '24:00' : `${String(Number(local) + 1).padStart(2, '0')}:00`,
  };
  const day = [span];
  await policy(db, 'quiet-hours', 'sms', {
    market: 'FR',
    channel: 'sms',
    open: { mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day },
  });
  const campaign = await seedCampaign(db, {
    people,
    consent: false,
    scenario: { channels: ['email', 'sms', 'in-app'] },
  });
  const answers = await throughGate(db, campaign, { deadlineAt: fromNow(3 * HOUR_MS) });
  expect(said(answers)).toEqual(['claimed in-app', 'planned quiet-hours']);
  expect(answers[1]?.channel).toBe('sms');
});
