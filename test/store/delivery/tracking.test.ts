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
const READER = { kind: 'reader', proxy: null } as const;

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
  expect(await tracking.recordOpen(first.id, now, READER)).toBe(true);
  expect(await tracking.recordOpen(first.id, now, READER)).toBe(false);
  expect(await tracking.recordOpen(second.id, now, READER)).toBe(false);
  await seedConsent(database.db, [second.profile_id], 'email-open-tracking');
  expect(await tracking.recordOpen(second.id, now, READER)).toBe(false);
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
  expect(await tracking.recordOpen(first.id, new Date(), READER)).toBe(false);
  await seedConsent(database.db, [first.profile_id], 'email-open-tracking', false);
  expect(await tracking.recordOpen(first.id, new Date(), READER)).toBe(false);
  expect(await events()).toHaveLength(0);
});

it('unsubscribes from what the message was, at once, and counts it once', async () => {
  const { first } = await sent({ nature: 'newsletter' });
  await seedConsent(database.db, [first.profile_id], 'promotion');
  const asked = await tracking.unsubscribable(first.id);
  expect(asked).toEqual({ purpose: 'newsletter', channel: 'email', locale: 'fr', brand: 'maison-lumen' });
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

/** Acceptance is set back an hour, so that only what a test does itself is close in time. */
const sentAnHourAgo = async (people = 2) => {
  const made = await sent({ people });
  await database.db.app`update deliveries set settled_at = ${new Date(AT.getTime() - 3_600_000)}`;
  const creatives = made.campaign.creatives.map((c) => c.creativeId);
  const links = [0, 1, 2, 3, 4].map((index) => ({
    index,
    url: `https://example.test/${index}`,
    label: String(index),
  }));
  await database.db
    .app`update creatives set links = ${database.db.app.json(links)} where id = any(${creatives}::bigint[])`;
  return made;
};
const after = (ms: number): Date => new Date(AT.getTime() + ms);
const clicked = async () =>
  (
    await database.db.app<{ link: number }[]>`
    select (properties ->> 'linkIndex')::int as link from events where type = 'message.clicked' order by at`
  ).map((row) => row.link);
const why = async () =>
  (
    await database.db.app<{ why: string }[]>`
    select properties ->> 'why' as why from events where type = 'message.scanned' order by at`
  ).map((row) => row.why);

it('keeps apart a click within two seconds of acceptance', async () => {
  const { first, second } = await sentAnHourAgo();
  await database.db.app`update deliveries set settled_at = ${AT}`;
  await tracking.recordClick(first.id, 0, after(1_900), 'person');
  await tracking.recordClick(second.id, 1, after(2_100), 'person');
  expect(await clicked()).toEqual([1]);
  expect(await why()).toEqual(['too-soon']);
});

it('takes back the first clicks of a burst once the third link shows what it is', async () => {
  const { first, second } = await sentAnHourAgo();
  await tracking.recordClick(first.id, 0, after(0), 'person');
  await tracking.recordClick(first.id, 1, after(700), 'person');
  expect(await clicked()).toEqual([0, 1]);
  await tracking.recordClick(first.id, 2, after(1_400), 'person');
  expect(await clicked()).toEqual([]);
  // Somebody reading: as many links, more slowly; and one link tapped again and again.
  for (const [link, ms] of [
    [0, 0],
    [1, 1_500],
    [2, 3_000],
    [2, 4_100],
    [2, 5_200],
  ] as const)
    await tracking.recordClick(second.id, link, after(ms), 'person');
  expect(await clicked()).toEqual([0, 1, 2, 2, 2]);
});

it('keeps apart a click that a HEAD of the same link came before', async () => {
  const { first } = await sentAnHourAgo();
  await tracking.recordClick(first.id, 0, after(0), 'robot', true);
  await tracking.recordClick(first.id, 0, after(500), 'person');
  await tracking.recordClick(first.id, 1, after(900), 'person');
  await tracking.recordClick(first.id, 0, after(60_000), 'person');
  expect(await clicked()).toEqual([1, 0]);
});

it('judges a burst alike in whatever order and however spread over processes its clicks come', async () => {
  const other = createTrackingStore(database.db.app);
  const { campaign } = await sentAnHourAgo(20);
  const rows = await database.db.app<{ id: number }[]>`
    select id from deliveries where campaign_id = ${campaign.campaignId} order by id`;
  await Promise.all(
    rows.flatMap(({ id }) =>
      [3, 0, 2, 1].map((link) =>
        (link % 2 ? other : tracking).recordClick(id, link, after(link * 300), 'person'),
      ),
    ),
  );
  expect(await clicked()).toEqual([]);
  expect((await why()).filter((reason) => reason === 'burst')).toHaveLength(80);
});

it('marks what a proxy fetched: seen through Gmail it is an open, fetched unread by Apple it is none', async () => {
  const { first } = await sent();
  const now = new Date();
  expect(await tracking.recordOpen(first.id, now, { kind: 'prefetch', proxy: 'apple-mpp' })).toBe(true);
  expect(await tracking.recordOpen(first.id, now, { kind: 'reader', proxy: 'gmail-proxy' })).toBe(true);
  expect((await events()).map(({ type, properties }) => [type, properties])).toMatchObject([
    ['message.opened', { agent: 'gmail-proxy' }],
    ['message.prefetched', { agent: 'apple-mpp' }],
  ]);
});
