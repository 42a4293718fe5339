import { once } from 'node:events';
import { isComplete } from '../../../domain/delivery/arithmetic';
import { createConsentStore } from '../../../store/consent-store';
import { countingSink } from '../../support/counting-sink';
import { databaseForEach } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { forkSource } from '../../support/fork-source';
import { seedCampaign, seedPeople, type SeededCampaign } from '../../support/seed-campaign';
import { contactsOutOfStep, planTestWave, type TestWave } from '../../support/wave';

const database = databaseForEach();

test('a consent withdrawn and an address suppressed in mid-batch: nobody of them gets the next message', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, { people: 300 });
  const withdrawn = campaign.profileIds.slice(100, 150);
  const suppressed = campaign.profileIds.slice(200, 250);
  const consents = createConsentStore(db.app);
  // Whoever is on the wire meanwhile waits there: what is tried is what comes after, not who is faster.
  let changed: () => void = () => {};
  const change = new Promise<void>((done) => (changed = done));
  const sender = fakeSender(async (_mail, nth) => {
    if (nth > 50) await change;
    if (nth !== 50) return { kind: 'accepted', providerId: 'x' };
    for (const profileId of withdrawn)
      await consents.withdraw({
        profileId,
        purpose: 'promotion',
        channel: 'email',
        source: 'test',
        recordedBy: 'recipient',
      });
    await db.app`
      insert into suppressions (fingerprint, reason)
      select email_fp, 'complaint' from profiles where id = any(${suppressed}::bigint[])`;
    changed();
    return { kind: 'accepted', providerId: 'x' };
  }, 4);
  const { activities } = deliveryBench(db, campaign, sender, { batchSize: 300 });
  const wave = await planTestWave(activities, campaign);
  expect(await wave.run()).toEqual(['done']);
  expect(sender.handed).toHaveLength(200);
  // They went back to the gate, and it says why not.
  expect(await wave.run()).toEqual(['done']);
  const rows = await db.app<{ reason: string; ids: number[] }[]>`
    select reason, array_agg(profile_id order by profile_id) as ids from deliveries where state = 'skipped' group by reason order by reason`;
  expect(rows).toEqual([
    { reason: 'no-consent', ids: withdrawn },
    { reason: 'suppressed', ids: suppressed },
  ]);
  expect(sender.handed).toHaveLength(200);
  const counts = await activities.waveCounts(wave.ref);
  expect(isComplete(counts)).toBe(true);
  expect(counts).toMatchObject({ accepted: 200, skipped: 100 });
  expect(await contactsOutOfStep(db, campaign.campaignId)).toBe(0);
});

test('two campaigns, each on a worker of its own, race for the last slot of the same people: one message each', async () => {
  const { db } = database;
  await db.app`
    insert into policies (kind, key, definition)
    values ('cap', 'promo', '{"nature": "promotion", "limit": 1, "windowDays": 14}')`;
  const sink = await countingSink();
  const { received } = sink;
  try {
    const people = await seedPeople(db, 1_000);
    const campaigns: SeededCampaign[] = [];
    for (const id of ['cracer111111', 'cracer222222'])
      campaigns.push(await seedCampaign(db, { campaignId: id, people }));
    const { activities } = deliveryBench(db, campaigns, fakeSender());
    const waves: TestWave[] = [];
    for (const campaign of campaigns)
      waves.push(await planTestWave(activities, campaign, { shardSize: 500 }));
    const workers = await Promise.all(campaigns.map(() => forkSource('shard-process')));
    const ended = workers.map((worker) => once(worker, 'exit'));
    workers.forEach((worker, n) =>
      worker.send({
        databaseUrl: database.url,
        smtpUrl: sink.url,
        connections: 4,
        campaign: campaigns[n],
        wave: waves[n]?.ref,
        shards: waves[n]?.shards,
      }),
    );
    for (const [code] of await Promise.all(ended)) expect(code).toBe(0);

    expect(received.size).toBe(1_000);
    expect(Math.max(...received.values())).toBe(1);
    const over = await db.app`select profile_id from contacts group by profile_id having count(*) > 1`;
    expect(over).toHaveLength(0);
    const each = await db.app<{ campaign_id: string; accepted: number; n: number }[]>`
      select campaign_id, count(*) filter (where state = 'accepted') as accepted, count(*) as n
      from deliveries group by campaign_id`;
    expect(each.map(({ n }) => n)).toEqual([1_000, 1_000]);
    expect(each.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1_000);
    const [odd] = await db.app<{ n: number }[]>`
      select count(*) as n from deliveries where state <> 'accepted' and reason not like 'cap:promo%'`;
    expect(odd).toEqual({ n: 0 });
  } finally {
    await sink.close();
  }
}, 60_000);
