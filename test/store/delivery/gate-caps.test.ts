import { DateTime } from 'luxon';
import type { Nature } from '../../../domain/shared/words';
import { putLive } from '../../support/segments';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import {
  consent,
  contact,
  DAY_MS,
  fromNow,
  HOUR_MS,
  policy,
  prefers,
  said,
  throughGate,
} from '../../support/gate';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';

let database: FreshDatabase;
let people: number[];
beforeEach(async () => {
  database = await freshDatabase(4);
  people = await seedPeople(database.db, 4);
});
afterEach(() => database.close());

const person = (n: number): number => people[n] ?? 0;
const daysAgo = (days: number): Date => fromNow(-days * DAY_MS);

async function gateSays(nature: Nature, scenario: object = {}): Promise<string[]> {
  return said(await throughGate(database.db, await seedCampaign(database.db, { people, nature, scenario })));
}

it('0 refuses, null lifts, and the strictest of several is named', async () => {
  const { db } = database;
  await policy(db, 'cap', 'lifted', { nature: 'promotion', limit: null, windowDays: 30 });
  expect(await gateSays('promotion')).toEqual(Array(4).fill('claimed email'));
  await policy(db, 'cap', 'loose', { nature: 'survey', limit: 5, windowDays: 30 });
  await policy(db, 'cap', 'closed', { nature: 'survey', limit: 0, windowDays: 1 });
  const campaign = await seedCampaign(db, { campaignId: 'czeroaaaaaaa', people, nature: 'survey' });
  expect(said(await throughGate(db, campaign))).toEqual(Array(4).fill('skipped cap:closed'));
});

it('a contact exactly a window ago does not count any more', async () => {
  const { db } = database;
  await policy(db, 'cap', 'minute', { nature: 'promotion', limit: 1, windowDays: 60 / 86_400 });
  await contact(db, person(0), 'promotion', fromNow(-60_000));
  await contact(db, person(1), 'promotion', fromNow(-30_000));
  const campaign = await seedCampaign(db, { people });
  const answers = await throughGate(db, campaign);
  expect(said(answers)).toEqual(['claimed email', 'planned cap:minute', 'claimed email', 'claimed email']);
  // Put off until the very moment at which it leaves the window.
  expect(Math.abs((answers[1]?.notBefore?.getTime() ?? 0) - Date.now() - 30_000)).toBeLessThan(20_000);
});

it('formats are counted apart; what another tool does not say is short', async () => {
  const { db } = database;
  await policy(db, 'cap', 'long', { nature: 'newsletter', format: 'long', limit: 1, windowDays: 7 });
  await contact(db, person(0), 'newsletter', daysAgo(1), { format: 'long' });
  await contact(db, person(1), 'newsletter', daysAgo(1));
  expect(await gateSays('newsletter', { format: 'long' })).toEqual([
    'skipped cap:long',
    ...Array(3).fill('claimed email'),
  ]);
  const short = await seedCampaign(db, { campaignId: 'cshortaaaaaa', people, nature: 'newsletter' });
  expect(said(await throughGate(db, short))).toEqual(Array(4).fill('claimed email'));
});

it('recipient types: told by an attribute, else customer, subscriber, prospect', async () => {
  const { db } = database;
  for (const recipientType of ['customer', 'subscriber', 'prospect'])
    await policy(db, 'cap', recipientType, { nature: 'promotion', recipientType, limit: 0, windowDays: 1 });
  await db.app`update profiles set attributes = '{"recipient_type": "prospect"}' where id = ${person(0)}`;
  await db.app`insert into profile_keys (kind, hash, profile_id) select 'customer', sha256(id::text::bytea), id from unnest(${[person(0), person(1)]}::bigint[]) id`;
  for (const someone of [1, 2]) await consent(db, person(someone), 'newsletter', 'email');
  expect(await gateSays('promotion')).toEqual([
    'skipped cap:prospect',
    'skipped cap:customer',
    'skipped cap:subscriber',
    'skipped cap:prospect',
  ]);
});

it('a cohort is the people of a segment as it is defined now', async () => {
  const { db } = database;
  for (const value of ['silver', 'gold'])
    await putLive(db.app, 'gold', { attribute: 'tier', op: 'eq', value });
  await policy(db, 'cap', 'gold', { nature: 'promotion', segment: 'gold', limit: 0, windowDays: 1 });
  await db.app`update profiles set attributes = jsonb_build_object('tier', case id when ${person(0)} then 'gold' else 'silver' end)`;
  expect(await gateSays('promotion')).toEqual(['skipped cap:gold', ...Array(3).fill('claimed email')]);
});

it("a calendar week is the person's own", async () => {
  const { db } = database;
  await policy(db, 'cap', 'weekly', { nature: 'promotion', limit: 1, calendar: 'week' });
  const zones = ['Europe/Paris', 'Pacific/Noumea'];
  for (const [n, zone] of zones.entries()) {
    await db.app`update profiles set timezone = ${zone} where id = ${person(n)}`;
    await contact(db, person(n), 'promotion', DateTime.now().setZone(zone).startOf('week').toJSDate());
  }
  const paris = DateTime.now().setZone('Europe/Paris').startOf('week').toJSDate();
  await contact(db, person(2), 'promotion', new Date(paris.getTime() - 1));
  const deadlineAt = fromNow(8 * DAY_MS);
  const answers = await throughGate(db, await seedCampaign(db, { people }), { deadlineAt });
  expect(said(answers)).toEqual([
    'planned cap:weekly',
    'planned cap:weekly',
    'claimed email',
    'claimed email',
  ]);
  for (const [n, zone] of zones.entries())
    expect(answers[n]?.notBefore).toEqual(
      DateTime.now().setZone(zone).startOf('week').plus({ weeks: 1 }).toJSDate(),
    );
});

it('a cap of one channel leaves the others free', async () => {
  const { db } = database;
  await policy(db, 'cap', 'by-mail', { nature: 'promotion', channel: 'email', limit: 1, windowDays: 14 });
  await db.app`update profiles set phone_fp = sha256(('phone' || id)::bytea)`;
  for (const n of [0, 1]) await consent(db, person(n), 'promotion', 'sms');
  await contact(db, person(0), 'promotion', daysAgo(1));
  await contact(db, person(1), 'promotion', daysAgo(1), { channel: 'sms' });
  await contact(db, person(2), 'promotion', daysAgo(1));
  expect(await gateSays('promotion', { channels: ['email', 'sms'] })).toEqual([
    'claimed sms',
    'claimed email',
    'skipped cap:by-mail',
    'claimed email',
  ]);
});

it('a stated wish about newsletters goes over the rule, up and down, but not over a stop', async () => {
  const { db } = database;
  await policy(db, 'cap', 'newsletter', { nature: 'newsletter', limit: 1, calendar: 'month' });
  await prefers(db, person(0), { newsletterLimit: 3, newsletterDays: 7 });
  await prefers(db, person(1), { newsletterLimit: 1, newsletterDays: 60 });
  await prefers(db, person(2), { newsletterLimit: 0, newsletterDays: 7 });
  await contact(db, person(0), 'newsletter', fromNow(-HOUR_MS));
  await contact(db, person(1), 'newsletter', daysAgo(45));
  expect(await gateSays('newsletter')).toEqual([
    'claimed email',
    'skipped cap:newsletter',
    'skipped cap:newsletter',
    'claimed email',
  ]);
  await policy(db, 'cap', 'newsletter', { nature: 'newsletter', limit: 0, windowDays: 7 });
  const stopped = await seedCampaign(db, { campaignId: 'cstopaaaaaaa', people, nature: 'newsletter' });
  expect(said(await throughGate(db, stopped))).toEqual(Array(4).fill('skipped cap:newsletter'));
});

it('a stated wish holds where no rule does', async () => {
  const { db } = database;
  await prefers(db, person(0), { newsletterLimit: 1, newsletterDays: 30 });
  await contact(db, person(0), 'newsletter', daysAgo(10));
  expect(await gateSays('newsletter')).toEqual([
    'skipped cap:newsletter-preference',
    ...Array(3).fill('claimed email'),
  ]);
  expect(
    await throughGate(db, await seedCampaign(db, { campaignId: 'cpromaaaaaaa', people })).then(said),
  ).toEqual(Array(4).fill('claimed email'));
});
