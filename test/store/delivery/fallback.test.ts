import type { SendOutcome } from '../../../domain/delivery/ports';
import { isComplete } from '../../../domain/delivery/arithmetic';
import { createPoliciesStore } from '../../../store/policies-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeChannel, inAnHour } from '../../support/delivery-bench';
import { waitingBy } from '../../support/ledger-facts';
import { seedTwoChannels } from '../../support/seed-channels';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

const ACCEPTED: SendOutcome = { kind: 'accepted', providerId: 'x' };
const spent = async (): Promise<number> => {
  const [row] = await database.db.app<{ spent_micros: number }[]>`select spent_micros from campaign_budgets`;
  return row?.spent_micros ?? -1;
};

describe('another channel', () => {
  it('takes who failed for good on the first, never who is uncertain, and costs what it costs', async () => {
    const { campaign, creatives } = await seedTwoChannels(database.db, {
      campaignId: 'cfall2222222',
      people: 9,
    });
    await createPoliciesStore(database.db.app).put(
      'unit-cost',
      'sms',
      { channel: 'sms', microsPerUnit: 45_000 },
      'test',
    );
    await database.db
      .app`insert into campaign_budgets (campaign_id, limit_micros) values (${campaign.campaignId}, 1000000)`;
    const email = fakeChannel<'email'>((_, nth): SendOutcome => {
      if (nth % 3 === 1) return ACCEPTED;
      return nth % 3 === 2 ? { kind: 'failed', code: '550 5.1.1' } : { kind: 'uncertain', code: 'no-answer' };
    });
    const sms = fakeChannel<'sms'>(() => ({ ...ACCEPTED, units: 2 }), { idempotent: true });
    const { activities } = deliveryBench(
      database.db,
      campaign,
      { email, sms },
      {
        creatives: { forSending: () => Promise.resolve(creatives) },
      },
    );
    const wave = await planTestWave(activities, campaign);
    await wave.run();
    expect(await waitingBy(database.db)).toEqual({ fallback: 3 });
    expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
    expect(await spent()).toBe(0);

    await wave.run();
    const rows = await database.db.app`
      select channel, state, tried, count(*) as n, max(cost_micros) as cost from deliveries group by 1, 2, 3 order by 1, 2`;
    expect(rows).toEqual([
      { channel: 'email', state: 'accepted', tried: null, n: 3, cost: 0 },
      { channel: 'email', state: 'uncertain', tried: null, n: 3, cost: 0 },
      { channel: 'sms', state: 'accepted', tried: ['email'], n: 3, cost: 90_000 },
    ]);
    expect(await spent()).toBe(270_000);
    expect(sms.handed.map(({ to }) => to.startsWith('+3361'))).toEqual([true, true, true]);
    expect(isComplete(await activities.waveCounts(wave.ref))).toBe(true);
    const [dead] = await database.db.app`
      select count(*) as n from suppressions s join profiles p on p.email_fp = s.fingerprint`;
    expect(dead).toEqual({ n: 3 });
  });

  it('ends where there is none left, gives the cost back and buries the number', async () => {
    const { campaign, creatives } = await seedTwoChannels(database.db, {
      campaignId: 'cfall3333333',
      people: 2,
    });
    await database.db
      .app`insert into campaign_budgets (campaign_id, limit_micros) values (${campaign.campaignId}, 1000000)`;
    const { activities } = deliveryBench(
      database.db,
      campaign,
      {
        email: fakeChannel(() => ({ kind: 'failed', code: '550' })),
        sms: fakeChannel(() => ({ kind: 'failed', code: 'unknown-number' })),
      },
      { creatives: { forSending: () => Promise.resolve(creatives) } },
    );
    const wave = await planTestWave(activities, campaign);
    await wave.run();
    await wave.run();
    expect(await activities.waveCounts(wave.ref)).toMatchObject({ failed: 2, open: 0 });
    expect(await spent()).toBe(0);
    expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
    const [dead] = await database.db.app`
      select count(*) as n from suppressions s join profiles p on p.phone_fp = s.fingerprint`;
    expect(dead).toEqual({ n: 2 });
  });
});

describe('a fallback that no other channel takes', () => {
  it.each([
    ['the gate refuses it there', 'suppressed', 'run'],
    ['the campaign is aborted before', 'aborted', 'aborted'],
  ])('stays failed with its code where %s', async (_, reason, hold) => {
    const { campaign, creatives } = await seedTwoChannels(database.db, {
      campaignId: 'cfall4444444',
      people: 2,
    });
    const { activities } = deliveryBench(
      database.db,
      campaign,
      { email: fakeChannel(() => ({ kind: 'failed', code: '550 5.7.1' })) },
      { creatives: { forSending: () => Promise.resolve(creatives) } },
    );
    const wave = await planTestWave(activities, campaign);
    await wave.run();
    expect(await waitingBy(database.db)).toEqual({ fallback: 2 });
    const { app } = database.db;
    await app`insert into suppressions (fingerprint, reason) select phone_fp, 'objection' from profiles`;
    await app`update campaigns set hold = ${hold} where id = ${campaign.campaignId}`;
    await wave.run();
    expect(await activities.waveCounts(wave.ref)).toMatchObject({ failed: 2, skipped: 0, open: 0 });
    const rows = await app`select distinct channel, state, code, reason from deliveries`;
    expect([...rows]).toEqual([{ channel: 'email', state: 'failed', code: '550 5.7.1', reason }]);
  });
});

describe('a provider that knows a message again', () => {
  it('is handed what a dead worker left on the wire once more, under the same key', async () => {
    const { campaign, creatives } = await seedTwoChannels(database.db, {
      campaignId: 'cagain222222',
      people: 4,
      scenario: { channels: ['sms'] },
    });
    const sms = fakeChannel<'sms'>(undefined, { idempotent: true });
    const { activities, store } = deliveryBench(
      database.db,
      campaign,
      { sms },
      {
        creatives: { forSending: () => Promise.resolve(creatives) },
      },
    );
    const wave = await planTestWave(activities, campaign);
    const [shard] = wave.shards;
    const session = await store.openSession({ ...wave.ref, shard: 0 });
    if (shard === undefined || session === null) throw new Error('no session');
    const { claimed } = await store.claim(session, {
      terms: await store.waveTerms(wave.ref),
      deadlineAt: new Date(inAnHour()),
      source: 'new',
      range: shard,
      cursor: shard.from - 1,
      limit: 10,
      creatives,
    });
    const onWire = claimed.slice(0, 2).map(({ id }) => id);
    await store.turn(session, [], onWire);
    await session.close();
    await wave.run();
    expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 4, uncertain: 0, open: 0 });
    expect(sms.handed.map(({ deliveryId }) => deliveryId)).toEqual(expect.arrayContaining(onWire));
  });

  it('and stays silent to the last is uncertain: the message may have gone, so no other channel takes it', async () => {
    const { campaign, creatives } = await seedTwoChannels(database.db, {
      campaignId: 'csilent22222',
      people: 1,
      scenario: { channels: ['sms', 'email'] },
    });
    const sms = fakeChannel<'sms'>(() => ({ kind: 'retry', code: 'no-answer' }), { idempotent: true });
    const { activities } = deliveryBench(
      database.db,
      campaign,
      { sms },
      {
        creatives: { forSending: () => Promise.resolve(creatives) },
      },
    );
    const wave = await planTestWave(activities, campaign);
    for (let round = 0; round < 7; round += 1) {
      await wave.run();
      await database.db.app`update deliveries set not_before = now() where state = 'planned'`;
    }
    expect(sms.handed).toHaveLength(5);
    expect(await activities.waveCounts(wave.ref)).toMatchObject({ uncertain: 1, open: 0 });
  }, 60_000);
});
