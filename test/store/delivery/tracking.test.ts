import { MESSAGE_EVENTS } from '../../../domain/delivery/message-events';
import { createTrackingStore, type TrackingStore } from '../../../store/tracking-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign, seedConsent, type SeedOptions } from '../../support/seed-campaign';
import { planTestWave } from '../../support/wave';

let database: FreshDatabase;
let tracking: TrackingStore;
beforeEach(async () => {
  database = await freshDatabase();
  tracking = createTrackingStore(database.db.app);
});
afterEach(() => database.close());

const AT = new Date('2026-11-22T10:00:00.400Z');

async function sent(options: SeedOptions = {}) {
  const campaign = await seedCampaign(database.db, { people: 2, openTracking: 0.5, ...options });
  const sender = fakeSender();
  const { activities } = deliveryBench(database.db, campaign, sender);
  await (await planTestWave(activities, campaign)).run();
  const rows = await database.db.app<
    { id: number; profile_id: number }[]
  >`select id, profile_id from deliveries order by profile_id`;
  const [first, second] = rows;
  if (first === undefined || second === undefined) throw new Error('two deliveries');
  return { campaign, first, second };
}

const events = () =>
  database.db.app<
    {
      id: string;
      type: string;
      profile_id: number;
      campaign_id: string;
      delivery_id: number;
      properties: object;
    }[]
  >`
    select id, type, profile_id, campaign_id, delivery_id, properties from events order by id`;

it('follows a link of the creative that was sent, and no other', async () => {
  const { first, campaign } = await sent();
  expect(await tracking.recordClick(first.id, 0, AT, 'person')).toBe('https://example.test/voir?arm=a');
  expect(await tracking.recordClick(first.id, 9, AT, 'person')).toBeNull();
  expect(await tracking.recordClick(987_654, 0, AT, 'person')).toBeNull();
  expect(await events()).toEqual([
    {
      id: `click.${first.id}.0.1795341600`,
      type: 'message.clicked',
      profile_id: first.profile_id,
      campaign_id: campaign.campaignId,
      delivery_id: first.id,
      properties: { linkIndex: 0, label: 'Voir', agent: 'person', step: 'first', arm: 'a' },
    },
  ]);
});

it("takes a double click for one, a click a second later for another, a robot's for none", async () => {
  const { first } = await sent();
  const later = new Date(AT.getTime() + 1_000);
  await tracking.recordClick(first.id, 0, AT, 'person');
  await tracking.recordClick(first.id, 0, new Date(AT.getTime() + 300), 'person');
  await tracking.recordClick(first.id, 0, later, 'person');
  expect(await tracking.recordClick(first.id, 0, later, 'robot')).toBe('https://example.test/voir?arm=a');
  expect((await events()).map((event) => event.type).sort()).toEqual(
    [MESSAGE_EVENTS.clicked, MESSAGE_EVENTS.clicked, MESSAGE_EVENTS.scanned].sort(),
  );
});

it('sees an open only of somebody who agrees to it now as they did then, once', async () => {
  const { first, second } = await sent();
  const now = new Date();
  expect(await tracking.recordOpen(first.id, now, 'person')).toBe(true);
  expect(await tracking.recordOpen(first.id, now, 'person')).toBe(false);
  expect(await tracking.recordOpen(second.id, now, 'person')).toBe(false);
  await seedConsent(database.db, [second.profile_id], 'email-open-tracking');
  expect(await tracking.recordOpen(second.id, now, 'person')).toBe(false);
  expect(await events()).toHaveLength(1);
});

it('sees no open once the consent to it is withdrawn or over', async () => {
  const { first } = await sent();
  await seedConsent(
    database.db,
    [first.profile_id],
    'email-open-tracking',
    true,
    new Date(Date.now() - 1_000),
  );
  expect(await tracking.recordOpen(first.id, new Date(), 'person')).toBe(false);
  await seedConsent(database.db, [first.profile_id], 'email-open-tracking', false);
  expect(await tracking.recordOpen(first.id, new Date(), 'person')).toBe(false);
  expect(await events()).toHaveLength(0);
});

it('unsubscribes from what the message was, at once, and counts it once', async () => {
  const { first } = await sent({ nature: 'newsletter' });
  await seedConsent(database.db, [first.profile_id], 'promotion');
  const asked = await tracking.unsubscribable(first.id);
  expect(asked).toEqual({ purpose: 'newsletter', locale: 'fr', brand: 'maison-lumen' });
  expect(await tracking.unsubscribe(first.id, AT, 'one-click')).toEqual(asked);
  expect(await tracking.unsubscribe(first.id, AT, 'page')).toEqual(asked);
  const states = await database.db.app`
    select purpose, granted from consent_state where profile_id = ${first.profile_id} and purpose in ('newsletter', 'promotion') order by purpose`;
  expect([...states]).toEqual([
    { purpose: 'newsletter', granted: false },
    { purpose: 'promotion', granted: true },
  ]);
  const proofs = await database.db
    .app`select action, source from consent_events where profile_id = ${first.profile_id} and action = 'withdrawn'`;
  expect([...proofs]).toEqual([{ action: 'withdrawn', source: 'one-click' }]);
  expect((await events()).map((event) => event.id)).toEqual([`unsubscribe.${first.id}`]);

  // Subscribed anew, then the old mail's link again: the newer wish holds.
  await seedConsent(database.db, [first.profile_id], 'newsletter');
  await tracking.unsubscribe(first.id, AT, 'page');
  const [again] = await database.db
    .app`select granted from consent_state where profile_id = ${first.profile_id} and purpose = 'newsletter'`;
  expect(again).toEqual({ granted: false });
  expect(await events()).toHaveLength(1);
  expect(await tracking.unsubscribe(987_654, AT, 'page')).toBeNull();
});

it('after an unsubscription the next message of that kind is skipped', async () => {
  const { first, campaign } = await sent();
  await tracking.unsubscribe(first.id, new Date(), 'one-click');
  const next = await seedCampaign(database.db, {
    campaignId: 'cnextaaaaaaa',
    people: campaign.profileIds,
    consent: false,
  });
  const sender = fakeSender();
  const { activities } = deliveryBench(database.db, next, sender);
  const wave = await planTestWave(activities, next);
  await wave.run();
  expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 1, skipped: 1 });
});

it('a complaint suppresses the address for everything', async () => {
  const { first, campaign } = await sent();
  expect(await tracking.complaint(first.id, AT, 'p1')).toBe('new');
  expect(await tracking.complaint(first.id, AT, 'p1')).toBe('known');
  expect(await tracking.complaint(987_654, AT, 'p2')).toBe('no-delivery');
  expect((await events()).map((event) => event.type)).toEqual(['message.complained']);
  const next = await seedCampaign(database.db, {
    campaignId: 'cnextaaaaaaa',
    people: campaign.profileIds,
    nature: 'official',
  });
  const { activities, store } = deliveryBench(database.db, next, fakeSender());
  const wave = await planTestWave(activities, next);
  await wave.run();
  const skipped = await store.list({ campaignId: next.campaignId, state: 'skipped', limit: 10 });
  expect(skipped.map((row) => [row.profileId, row.reason])).toEqual([[first.profile_id, 'suppressed']]);
});
