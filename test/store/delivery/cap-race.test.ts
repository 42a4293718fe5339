import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender, inAnHour } from '../../support/delivery-bench';
import { seedCampaign, seedPeople } from '../../support/seed-campaign';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase(12);
});
afterEach(() => database.close());

it('campaigns after the same people at the same time leave nobody over the cap', async () => {
  await database.db
    .app`insert into policies (kind, key, definition) values ('cap', 'promo', '{"nature": "promotion", "limit": 2, "windowDays": 14}')`;
  const people = await seedPeople(database.db, 400);
  const campaigns = [];
  for (const id of ['a', 'b', 'c', 'd'])
    campaigns.push(await seedCampaign(database.db, { campaignId: `crace${id}`, people }));
  const sender = fakeSender();
  const { activities } = deliveryBench(database.db, campaigns, sender, { batchSize: 50 });
  const waves = await Promise.all(campaigns.map((campaign) => planTestWave(activities, campaign)));
  await Promise.all(
    waves.flatMap((wave) =>
      wave.shards.map((shard) => activities.sendShard({ ...wave.ref, shard, deadlineAt: inAnHour() })),
    ),
  );
  const over = await database.db.app`select profile_id from contacts group by profile_id having count(*) > 2`;
  expect(over).toHaveLength(0);
  expect(sender.handed).toHaveLength(800);
  const perAddress = new Map<string, number>();
  for (const mail of sender.handed)
    perAddress.set(mail.to.address, (perAddress.get(mail.to.address) ?? 0) + 1);
  expect([...new Set(perAddress.values())]).toEqual([2]);
  for (const campaign of campaigns) expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
});
