import { DateTime } from 'luxon';
import { createOffersStore } from '../../../store/offers-store';
import { putLive } from '../../support/segments';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { DAY_MS, fromNow, HOUR_MS, policy, prefers, said, throughGate } from '../../support/gate';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';

let database: FreshDatabase;
let people: number[];
beforeEach(async () => {
  database = await freshDatabase(4);
  people = await seedPeople(database.db, 4);
});
afterEach(() => database.close());

const person = (n: number): number => people[n] ?? 0;

/** Closed to e-mail on every day of the week but the local one after tomorrow. */
const closedUntil = (zone: string) => DateTime.now().setZone(zone).startOf('day').plus({ days: 2 });

it('quiet hours put off to the next opening where the person lives, and refuse past the deadline', async () => {
  const { db } = database;
  await db.app`update profiles set area = '971' where id = ${person(1)}`;
  await db.app`update profiles set market = 'BE', area = null where id = ${person(2)}`;
  const opening = (zone: string) => closedUntil(zone).set({ hour: 9 });
  const weekday = closedUntil('Europe/Paris').setLocale('en').toFormat('ccc').toLowerCase();
  await policy(db, 'quiet-hours', 'fr', {
    market: 'FR',
    channel: 'email',
    open: { [weekday]: [{ from: '09:00', to: '10:00' }] },
  });
  await policy(db, 'quiet-hours', 'other', { market: 'FR', channel: 'sms', open: {} });
  const campaign = await seedCampaign(db, { people });
  const answers = await throughGate(db, campaign, { deadlineAt: fromNow(9 * DAY_MS) });
  expect(said(answers)).toEqual([
    'planned quiet-hours',
    'planned quiet-hours',
    'claimed email',
    'planned quiet-hours',
  ]);
  expect(answers[0]?.notBefore).toEqual(opening('Europe/Paris').toJSDate());
  const there = DateTime.fromJSDate(answers[1]?.notBefore ?? new Date(0), { zone: 'America/Guadeloupe' });
  expect(there.toFormat('HH:mm ccc').toLowerCase()).toBe(`09:00 ${weekday}`);

  const late = await seedCampaign(db, { campaignId: 'clateaaaaaaa', people });
  expect(said(await throughGate(db, late))).toEqual([
    'skipped quiet-hours',
    'skipped quiet-hours',
    'claimed email',
    'skipped quiet-hours',
  ]);
  const service = await seedCampaign(db, { campaignId: 'cserviceaaaa', people, nature: 'service' });
  expect(said(await throughGate(db, service))).toEqual(Array(4).fill('claimed email'));
});

it("an hour to arrive at: the person's wish, else their attribute, else the scenario's", async () => {
  const { db } = database;
  const now = DateTime.now().setZone('Europe/Paris');
  const hours = [now.plus({ hours: 2 }), now.plus({ hours: 3 }), now.plus({ hours: 4 })].map((at) =>
    at.startOf('hour'),
  );
  await prefers(db, person(0), { sendHour: hours[0]?.hour ?? 0 });
  await db.app`update profiles set attributes = jsonb_build_object('send_hour', ${hours[1]?.hour ?? 0}::int) where id in (${person(0)}, ${person(1)})`;
  await prefers(db, person(3), { sendHour: now.hour });
  const campaign = await seedCampaign(db, { people, scenario: { sendHour: hours[2]?.hour ?? 0 } });
  const answers = await throughGate(db, campaign, { deadlineAt: fromNow(DAY_MS) });
  expect(answers.map((row) => row.notBefore)).toEqual([...hours.map((at) => at.toJSDate()), null]);
});

it('a pause holds marketing until it ends, or refuses it; nothing else', async () => {
  const { db } = database;
  const until = fromNow(2 * HOUR_MS);
  await prefers(db, person(0), { pausedUntil: until });
  await prefers(db, person(1), { pausedUntil: fromNow(10 * DAY_MS) });
  await prefers(db, person(2), { pausedUntil: fromNow(-HOUR_MS) });
  const answers = await throughGate(db, await seedCampaign(db, { people }), { deadlineAt: fromNow(DAY_MS) });
  expect(said(answers)).toEqual(['planned paused', 'skipped paused', 'claimed email', 'claimed email']);
  expect(answers[0]?.notBefore).toEqual(until);
  const service = await seedCampaign(db, { campaignId: 'cserviceaaaa', people, nature: 'service' });
  expect(said(await throughGate(db, service))).toEqual(Array(4).fill('claimed email'));
});

it('a topic somebody refused is not for them, unless the message is owed', async () => {
  const { db } = database;
  await prefers(db, person(0), { refusedTopics: ['garden', 'kitchen'] });
  await prefers(db, person(1), { refusedTopics: ['garden'] });
  const expected = ['skipped topic-refused', ...Array(3).fill('claimed email')];
  const campaign = await seedCampaign(db, { people, scenario: { topic: 'kitchen' } });
  expect(said(await throughGate(db, campaign))).toEqual(expected);
  const owed = await seedCampaign(db, {
    campaignId: 'cowedaaaaaaa',
    people,
    nature: 'official',
    scenario: { topic: 'kitchen' },
  });
  expect(said(await throughGate(db, owed))).toEqual(Array(4).fill('claimed email'));
});

it('an offer that ends while the campaign runs is no longer told of, nor one that its market has lost', async () => {
  const { db } = database;
  const [habitues, others] = [people.slice(0, 2), people.slice(2)];
  const campaign = await seedCampaign(db, { people });
  await db.app`update audience_members set persona = 'autres' where profile_id = any(${others}::bigint[])`;
  await db.app`
    insert into creatives (campaign_id, step, persona, arm, channel, locale, hash, subject, preheader, html, text, hero, links, status)
    select campaign_id, step, 'autres', arm, channel, locale, 'else', subject, preheader, html, text, hero, links, status from creatives`;
  await db.app`insert into persona_matrix_versions (version, csv, sha256, created_by) values (1, '', '', 'anne')`;
  for (const [ordinal, [persona, code]] of [
    ['habitues', 'SALON10'],
    ['autres', 'none'],
  ].entries())
    await db.app`
      insert into persona_matrix_rows
      values (1, ${ordinal}, ${persona ?? ''}, 'standard', 'any', 'active', 'Bonjour', 'warm', ${code ?? ''})`;
  const offers = createOffersStore(db.app);
  const offer = { name: 'Dix', conditions: '', markets: [] };
  const today = DateTime.now().setZone('Europe/Paris');
  const outcome = async (step: string): Promise<string[]> => {
    await db.app`delete from deliveries`;
    await db.app`delete from contacts`;
    return said(await throughGate(db, campaign, { wave: step }));
  };
  await offers.put('SALON10', { ...offer, until: today.toISODate() ?? '' }, 'anne');
  expect(await outcome('open')).toEqual(Array(4).fill('claimed email'));
  await offers.put('SALON10', { ...offer, until: today.minus({ days: 1 }).toISODate() ?? '' }, 'anne');
  const over = [...habitues.map(() => 'skipped offer-over'), ...others.map(() => 'claimed email')];
  expect(await outcome('over')).toEqual(over);
  await offers.put('SALON10', { ...offer, markets: ['BE'] }, 'anne');
  expect(await outcome('elsewhere')).toEqual(over);
});

it('who has left the segment since the freeze is not written to; control people are judged alike', async () => {
  const { db } = database;
  for (const value of [0, 1_000_000]) await putLive(db.app, 'tous', { attribute: 'spend', op: 'gt', value });
  const campaign = await seedCampaign(db, { people, arms: [{ key: 'a' }, { key: 'none', control: true }] });
  // The version that was frozen, not the live one.
  await db.app`update campaigns set segment_version = 1`;
  await db.app`update profiles set attributes = jsonb_build_object('spend', case when id in (${person(0)}, ${person(1)}) then 5 else 0 end)`;
  expect(said(await throughGate(db, campaign))).toEqual(['claimed email', 'skipped left-segment']);
  const control = await db.app<{ allowed: boolean; reason: string | null }[]>`
    select allowed, reason from control_gate order by profile_id`;
  expect(control.map((row) => [row.allowed, row.reason])).toEqual([
    [true, null],
    [false, 'left-segment'],
  ]);
});
