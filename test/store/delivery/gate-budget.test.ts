import { createDeliveryStore } from '../../../store/delivery-store';
import { createLedgerStore } from '../../../store/ledger-store';
import { createIncidentsStore } from '../../../store/incidents-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { consent, ledger, said, throughGate } from '../../support/gate';
import { notices } from '../../support/notices';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase(8);
});
afterEach(() => database.close());

const budget = (campaignId: string, limit: number) =>
  database.db.app`insert into campaign_budgets (campaign_id, limit_micros) values (${campaignId}, ${limit})`;

const spent = async (): Promise<number> => {
  const [row] = await database.db.app<
    { spent: number }[]
  >`select spent_micros as spent from campaign_budgets`;
  return row?.spent ?? -1;
};

const priced = ({ creatives }: SeededCampaign, unitMicros: number) =>
  creatives.map((c) => ({ ...c, unitMicros }));

it('goes as far as the money does, and not a cent further', async () => {
  const campaign = await seedCampaign(database.db, { people: 10 });
  await budget(campaign.campaignId, 1_799);
  const answers = await throughGate(database.db, campaign, { creatives: priced(campaign, 400), limit: 3 });
  expect(said(answers)).toEqual([...Array(4).fill('claimed email'), ...Array(6).fill('skipped budget')]);
  expect(answers.map((row) => row.costMicros)).toEqual([...Array(4).fill(400), ...Array(6).fill(null)]);
  expect(await spent()).toBe(1_600);
});

it('reserves for nobody of the control and nobody refused, and notes the cost without a budget', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, {
    people: 6,
    arms: [{ key: 'a' }, { key: 'none', control: true }],
  });
  await db.app`update profiles set email_fp = null where id = ${campaign.profileIds[0] ?? 0}`;
  await budget(campaign.campaignId, 800);
  expect(said(await throughGate(db, campaign, { creatives: priced(campaign, 400) }))).toEqual([
    'skipped unreachable',
    'claimed email',
    'claimed email',
  ]);
  expect(await spent()).toBe(800);
  const free = await seedCampaign(db, { campaignId: 'cfreeaaaaaaa', people: 1 });
  expect((await throughGate(db, free, { creatives: priced(free, 400) }))[0]?.costMicros).toBe(400);
});

it('shards at the same time share it', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, { people: 200 });
  await budget(campaign.campaignId, 400 * 101);
  const store = createDeliveryStore(db);
  const key = { campaignId: campaign.campaignId, step: 'first', wave: 'w' };
  const { shards } = await store.planWave({
    ...key,
    part: 'test',
    arm: null,
    buckets: { from: 0, to: 10_000 },
    shardSize: 50,
  });
  const terms = await store.waveTerms(key);
  await Promise.all(
    shards.map(async ({ index, ...range }) => {
      const session = await store.openSession({ ...key, shard: index });
      if (session === null) throw new Error('the shard is taken');
      for (let cursor = range.from - 1, looked = 10; looked === 10;)
        ({ looked, cursor } = await store.claim(session, {
          terms,
          deadlineAt: new Date(Date.now() + 60_000),
          source: 'new',
          range,
          cursor,
          limit: 10,
          creatives: priced(campaign, 400),
        }));
      await session.close();
    }),
  );
  const answers = said(await ledger(db, key.campaignId, 'first'));
  expect(answers.filter((answer) => answer === 'claimed email')).toHaveLength(101);
  expect(answers.filter((answer) => answer === 'skipped budget')).toHaveLength(99);
  expect(await spent()).toBe(40_400);
});

it('what was spent past the limit is not opened again by what comes back later', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, { people: 4 });
  await budget(campaign.campaignId, 1_000);
  const creatives = priced(campaign, 400);
  const rows = await throughGate(db, campaign, { creatives });
  expect(said(rows).slice(0, 2)).toEqual(['claimed email', 'claimed email']);
  const store = createDeliveryStore(db);
  const [first = -1, second = -1] = await db.app<{ id: number }[]>`
    update deliveries set state = 'sending' where state = 'claimed' returning id`.then((all) =>
    all.map(({ id }) => id),
  );
  await store.recordOutcomes([
    { id: first, channel: 'email', outcome: { kind: 'accepted', providerId: 'p1' }, costMicros: 900 },
    { id: second, channel: 'email', outcome: { kind: 'uncertain', code: 'timeout' } },
  ]);
  expect(await spent()).toBe(1_300);
  await createLedgerStore(db.app).settle({
    deliveryId: second,
    outcome: 'failed',
    by: 'alice',
    evidence: null,
  });
  expect(await spent()).toBe(900);
  // 100 are left, not 500.
  await db.app`delete from deliveries where state = 'skipped'`;
  expect(said(await throughGate(db, campaign, { creatives })).slice(2)).toEqual(
    Array(2).fill('skipped budget'),
  );
});

it('a cheaper channel goes on where the budget no longer pays for the first', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, { people: 5, scenario: { channels: ['sms', 'email'] } });
  await db.app`update profiles set phone_fp = sha256(('phone' || id)::bytea)`;
  for (const id of campaign.profileIds) await consent(db, id, 'promotion', 'sms');
  const [nobody = -1] = campaign.profileIds.slice(-1);
  await consent(db, nobody, 'promotion', 'email', false);
  await budget(campaign.campaignId, 900);
  const creatives = (['sms', 'email'] as const).map((channel) => ({
    ...{ persona: 'habitues', arm: 'a', channel },
    creativeId: campaign.creatives[0]?.creativeId ?? -1,
    unitMicros: channel === 'sms' ? 400 : 0,
  }));
  expect(said(await throughGate(db, campaign, { creatives }))).toEqual([
    ...Array(2).fill('claimed sms'),
    ...Array(3).fill('planned budget'),
  ]);
  const again = await throughGate(db, campaign, { creatives, source: 'due' });
  expect(said(again)).toEqual([
    ...Array(2).fill('claimed sms'),
    ...Array(2).fill('claimed email'),
    'skipped budget',
  ]);
  expect(await spent()).toBe(800);
});

it('is told once a wave: an incident says how many it stopped', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, { people: 10 });
  await budget(campaign.campaignId, 1_000);
  await throughGate(db, campaign, { creatives: priced(campaign, 400), limit: 3 });
  const { posted, tell } = notices(db);
  await tell();
  await tell();
  const [incident, ...more] = await createIncidentsStore(db.app).list(campaign.campaignId);
  expect(more).toEqual([]);
  expect(incident).toMatchObject({ kind: 'budget.first-1', details: { stopped: 8 } });
  expect(posted).toEqual([expect.stringContaining('A budget is spent (first-1): Wave first-1 stopped')]);
});

it.each(['release', 'reclaim', 'skipRest'] as const)('%s gives back what was not sent, once', async (by) => {
  const { db } = database;
  const campaign = await seedCampaign(db, { people: 4 });
  await budget(campaign.campaignId, 10_000);
  await throughGate(db, campaign, { creatives: priced(campaign, 400) });
  await db.app`update deliveries set state = 'accepted' where profile_id = ${campaign.profileIds[0] ?? 0}`;
  const store = createDeliveryStore(db);
  const key = { campaignId: campaign.campaignId, step: 'first', wave: 'first-1' };
  const rows = await db.app<{ id: number }[]>`select id from deliveries where state = 'claimed'`;
  const session = await store.openSession({ ...key, shard: 0 });
  if (session === null) throw new Error('the shard is taken');
  for (let time = 0; time < 2; time += 1) {
    if (by === 'release')
      await store.release(
        session,
        rows.map((row) => row.id),
        'stopped',
      );
    else if (by === 'reclaim') await store.reclaim(session, key, { from: 0, to: 1_000_000 });
    else await store.skipRest(await store.waveTerms(key), 'aborted');
  }
  await session.close();
  expect(await spent()).toBe(400);
  expect((await ledger(db, key.campaignId, 'first')).map((row) => row.costMicros)).toEqual([
    400,
    null,
    null,
    null,
  ]);
});
