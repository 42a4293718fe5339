import type { SendOutcome } from '../../../domain/delivery/ports';
import { createPoliciesStore } from '../../../store/policies-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender, inAnHour, fromNth } from '../../support/delivery-bench';
import { waitingBy } from '../../support/ledger-facts';
import { seedCampaign } from '../../support/seed-campaign';
import { seedTwoChannels } from '../../support/seed-channels';
import { planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

const ACCEPTED: SendOutcome = { kind: 'accepted', providerId: 'x' };
const FAULTS = { email: 3, sms: 3, push: 3, 'in-app': 3, letter: 3, 'e-letter': 3 };

describe('a domain that refuses for now', () => {
  it('is left alone, longer each time, while its neighbours go on; the first it takes ends it', async () => {
    const { campaign } = await seedTwoChannels(database.db, {
      campaignId: 'cback2222222',
      people: 30,
      scenario: { channels: ['email'] },
    });
    let refusing = true;
    const sender = fakeSender(
      ({ to }) =>
        refusing && to.address.endsWith('@d1.example.test') ? { kind: 'retry', code: '421 4.7.0' } : ACCEPTED,
      2,
    );
    const { activities } = deliveryBench(database.db, campaign, sender);
    const wave = await planTestWave(activities, campaign);
    const refusals = async (): Promise<{ refusals: number; seconds: number } | undefined> => {
      const [row] = await database.db.app<{ refusals: number; seconds: number }[]>`
        select refusals, extract(epoch from until - now())::int as seconds from domain_backoffs`;
      return row;
    };
    await wave.run();
    expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 20, open: 10 });
    const { retry = 0, backoff = 0 } = await waitingBy(database.db);
    expect(retry + backoff).toBe(10);
    // No more of them were handed over than were on the wire when the first answer came.
    expect(retry).toBeLessThanOrEqual(4);
    expect(await refusals()).toEqual({ refusals: 1, seconds: 10 });

    await database.db.app`update deliveries set not_before = now() where state = 'planned'`;
    await wave.run();
    expect(await waitingBy(database.db)).toEqual({ backoff: 10 });

    const comeAgain = async (): Promise<void> => {
      await database.db.app`update deliveries set not_before = now() where state = 'planned'`;
      await database.db.app`update domain_backoffs set until = now()`;
      await wave.run();
    };
    await comeAgain();
    expect((await refusals())?.seconds).toBeGreaterThan(15);
    refusing = false;
    await comeAgain();
    expect(await refusals()).toBeUndefined();
    expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 30, open: 0 });
  });

  it('is not one whose mailbox is full: that is about one person', async () => {
    const campaign = await seedCampaign(database.db, { people: 10 });
    const sender = fakeSender((_, nth) => (nth === 1 ? { kind: 'retry', code: '452 4.2.2' } : ACCEPTED));
    const { activities } = deliveryBench(database.db, campaign, sender);
    const wave = await planTestWave(activities, campaign);
    await wave.run();
    expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 9, open: 1 });
    expect(await waitingBy(database.db)).toEqual({ retry: 1 });
  });
});

describe('rates', () => {
  it('hold every worker to one bucket of the provider', async () => {
    const campaign = await seedCampaign(database.db, { people: 60 });
    await createPoliciesStore(database.db.app).put(
      'rate',
      'all',
      { channel: 'email', perSecond: 40, burst: 10 },
      'test',
    );
    const sender = fakeSender();
    const one = deliveryBench(database.db, campaign, sender).activities;
    const other = deliveryBench(database.db, campaign, sender).activities;
    const wave = await planTestWave(one, campaign, { shardSize: 30 });
    const [first, second] = wave.shards;
    if (first === undefined || second === undefined) throw new Error('no shards');
    const began = Date.now();
    await Promise.all([
      one.sendShard({ ...wave.ref, shard: first, deadlineAt: inAnHour() }),
      other.sendShard({ ...wave.ref, shard: second, deadlineAt: inAnHour() }),
    ]);
    expect(sender.handed).toHaveLength(60);
    // Ten at once, the other fifty at forty a second.
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_150);
  });

  it('put off the recipients of a limited domain, and nobody else', async () => {
    const { campaign } = await seedTwoChannels(database.db, {
      campaignId: 'crate2222222',
      people: 30,
      scenario: { channels: ['email'] },
    });
    await createPoliciesStore(database.db.app).put(
      'rate',
      'd1',
      { channel: 'email', domain: 'd1.example.test', perSecond: 0.5, burst: 4 },
      'test',
    );
    const { activities } = deliveryBench(database.db, campaign, fakeSender());
    const wave = await planTestWave(activities, campaign);
    await wave.run();
    // One of the four is kept for service messages.
    expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 23, open: 7 });
    expect(await waitingBy(database.db)).toEqual({ rate: 7 });
    const [times] = await database.db.app`
      select extract(epoch from min(not_before) - now()) > 0 as later, extract(epoch from max(not_before) - min(not_before))::int as spread
      from deliveries where state = 'planned'`;
    expect(times).toEqual({ later: true, spread: 12 });
  });
});

describe('a provider that fails and fails', () => {
  it.each([
    ['hangs', { kind: 'uncertain', code: 'no-answer' }],
    ['is out', { kind: 'retry', code: 'relay-unreachable' }],
  ] as const)(
    '%s: sending stops, and starts again when it is resumed',
    async (_, fault) => {
      const campaign = await seedCampaign(database.db, { people: 40 });
      let broken = true;
      const sender = fakeSender(() => (broken ? fault : ACCEPTED), 4);
      const { activities } = deliveryBench(database.db, campaign, sender, { breakerFaults: FAULTS });
      const wave = await planTestWave(activities, campaign);
      expect(await wave.run()).toEqual(['breaker']);
      expect(sender.handed.length).toBeLessThanOrEqual(3 * sender.connections);
      const counts = await activities.waveCounts(wave.ref);
      expect(counts.uncertain + counts.open).toBe(40);
      broken = false;
      await database.db.app`update deliveries set not_before = now() where state = 'planned'`;
      expect(await wave.run()).toEqual(['done']);
      expect(await activities.waveCounts(wave.ref)).toMatchObject({
        accepted: 40 - counts.uncertain,
        open: 0,
      });
    },
    30_000,
  );

  it('is not one that answers about messages, however badly', async () => {
    const campaign = await seedCampaign(database.db, { people: 40 });
    const sender = fakeSender(() => ({ kind: 'failed', code: '550 5.7.1' }), 4);
    const { activities } = deliveryBench(database.db, campaign, sender, { breakerFaults: FAULTS });
    const wave = await planTestWave(activities, campaign);
    expect(await wave.run()).toEqual(['done']);
  });
});

it('who is left after a pause gets the creative that was mended meanwhile', async () => {
  const campaign = await seedCampaign(database.db, { people: 20 });
  const [creative] = campaign.creatives;
  if (creative === undefined) throw new Error('no creative');
  const { app } = database.db;
  const [row] = await app<{ id: number }[]>`
    insert into creatives (campaign_id, step, persona, arm, channel, locale, revision, hash, subject, preheader, html, text, hero, links, status)
    select campaign_id, step, persona, arm, channel, locale, 2, 'mended', 'Mieux', preheader, html, text, hero, links, 'passed' from creatives
    returning id`;
  const mended = { ...creative, creativeId: row?.id ?? 0, subject: 'Mieux' };
  let latest = creative;
  const pausing = fromNth(5, () => app`update campaigns set hold = 'paused'`);
  const sender = fakeSender(async (_, nth) => {
    await pausing(nth);
    return ACCEPTED;
  }, 2);
  const { activities } = deliveryBench(database.db, campaign, sender, {
    creatives: { forSending: () => Promise.resolve([latest]) },
  });
  const wave = await planTestWave(activities, campaign);
  expect(await wave.run()).toEqual(['paused']);
  const before = sender.handed.length;
  latest = mended;
  await app`update campaigns set hold = 'run'`;
  await wave.run();
  expect(sender.handed.map(({ subject }) => subject)).toEqual([
    ...Array<string>(before).fill('Bonjour a'),
    ...Array<string>(20 - before).fill('Mieux'),
  ]);
  const rows = await app`select creative_id, count(*)::int as n from deliveries group by 1 order by 1`;
  expect(rows).toEqual([
    { creative_id: creative.creativeId, n: before },
    { creative_id: mended.creativeId, n: 20 - before },
  ]);
});
