import { createDeliveryStore } from '../../../store/delivery-store';
import { createMessagesStore } from '../../../store/messages-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { contact, DAY_MS, fromNow, HOUR_MS, policy, prefers } from '../../support/gate';
import { seedCampaign, seedPeople, type SeededCampaign } from '../../support/seed-campaign';

let database: FreshDatabase;
let people: number[];
beforeEach(async () => {
  database = await freshDatabase(4);
  people = await seedPeople(database.db, 4);
});
afterEach(() => database.close());

const person = (n: number): number => people[n] ?? 0;

const triggered = (nature: 'service' | 'promotion'): Promise<SeededCampaign> =>
  seedCampaign(database.db, {
    people,
    nature,
    arms: [{ key: 'none', control: true }, { key: 'a' }],
    scenario: { kind: 'triggered', triggered: { periodSeconds: 86_400 } },
  }).then(async (campaign) => {
    await database.db.app`update campaigns set approved_hash = 'h'`;
    await database.db
      .app`insert into campaign_stages (campaign_id, stage) values (${campaign.campaignId}, 'rollout')`;
    return campaign;
  });

async function ask(campaign: SeededCampaign, profileId: number): Promise<string> {
  const { messageId } = await createMessagesStore(database.db).create({
    campaignId: campaign.campaignId,
    profileId,
    values: {},
    by: 'shop',
  });
  return messageId;
}

/** One claim of the lane. */
async function claim(campaign: SeededCampaign, limit = 10) {
  const store = createDeliveryStore(database.db);
  const session = await store.openSession({
    campaignId: campaign.campaignId,
    step: 'm',
    wave: 'messages',
    shard: 0,
  });
  if (session === null) throw new Error('the lane is taken');
  try {
    const terms = await store.laneTerms(campaign.campaignId);
    return await store.claimMessages(session, { terms, limit, creatives: campaign.creatives });
  } finally {
    await session.close();
  }
}

const standing = () =>
  database.db.app<
    { id: string; settled: boolean; not_before: Date | null; state: string | null; reason: string | null }[]
  >`
    select m.id, m.settled_at is not null as settled, m.not_before, d.state, d.reason
    from messages m left join deliveries d on d.step = 'm.' || m.id order by m.profile_id, m.created_at`;

it('each message is one row of the ledger, of the arm that is sent, and is claimed once', async () => {
  const campaign = await triggered('service');
  await ask(campaign, person(0));
  const second = await ask(campaign, person(0));
  const other = await ask(campaign, person(1));
  const first = await claim(campaign);
  expect(first.looked).toBe(10);
  expect(first.claimed.map((row) => [row.profileId, row.arm, row.persona, row.creativeId])).toEqual([
    [person(0), 'a', 'habitues', campaign.creatives[0]?.creativeId],
    [person(1), 'a', 'habitues', campaign.creatives[0]?.creativeId],
  ]);
  expect(first.claimed[1]?.step).toBe(`m.${other}`);
  const next = await claim(campaign);
  expect(next.claimed.map((row) => row.step)).toEqual([`m.${second}`]);
  expect((await claim(campaign)).claimed).toEqual([]);
  await database.db.app`update deliveries set state = 'accepted', settled_at = now()`;
  expect(await claim(campaign)).toEqual({ looked: 0, claimed: [], caller: null });
  expect((await standing()).every((row) => row.settled)).toBe(true);
});

it('who is refused or too late is skipped and settled; who is put off waits', async () => {
  const { db } = database;
  const campaign = await triggered('promotion');
  await policy(db, 'cap', 'promo', { nature: 'promotion', limit: 1, windowDays: 1 });
  await db.app`update consent_state set granted = false where profile_id = ${person(0)}`;
  await contact(db, person(1), 'promotion', fromNow(-23 * HOUR_MS));
  await prefers(db, person(2), { pausedUntil: fromNow(3 * DAY_MS) });
  for (const someone of people) await ask(campaign, someone);
  await db.app`update messages set deadline_at = now() - interval '1 second' where profile_id = ${person(3)}`;
  expect((await claim(campaign)).claimed).toEqual([]);
  const rows = await standing();
  expect(rows.map((row) => [row.state, row.reason, row.settled])).toEqual([
    ['skipped', 'no-consent', true],
    ['planned', 'cap:promo', false],
    ['skipped', 'paused', true],
    ['skipped', 'deadline', true],
  ]);
  expect(Math.abs((rows[1]?.not_before?.getTime() ?? 0) - Date.now() - HOUR_MS)).toBeLessThan(20_000);
  // Put off: not looked at again until then, and then claimed into the same row.
  expect((await claim(campaign)).looked).toBe(0);
  await db.app`update messages set not_before = now()`;
  await db.app`update deliveries set not_before = now() where state = 'planned'`;
  await db.app`delete from contacts`;
  expect((await claim(campaign)).claimed.map((row) => row.profileId)).toEqual([person(1)]);
});

it('what a dead worker left is planned again or uncertain, and only then claimed', async () => {
  const { db } = database;
  const campaign = await triggered('service');
  for (const someone of people.slice(0, 3)) await ask(campaign, someone);
  await claim(campaign);
  await db.app`update deliveries set state = 'sending' where profile_id <> ${person(0)}`;
  await db.app`update deliveries set channel = 'sms' where profile_id = ${person(1)}`;
  const store = createDeliveryStore(db);
  const session = await store.openSession({
    campaignId: campaign.campaignId,
    step: 'm',
    wave: 'messages',
    shard: 0,
  });
  if (session === null) throw new Error('the lane is taken');
  expect(await store.reclaimMessages(session, campaign.campaignId, ['email'])).toEqual({
    replanned: 2,
    uncertain: 1,
  });
  await session.close();
  expect((await claim(campaign)).claimed.map((row) => row.profileId)).toEqual([person(0), person(2)]);
});
