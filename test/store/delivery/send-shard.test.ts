import { addsUp, isComplete } from '../../../domain/delivery/arithmetic';
import { createMergesStore } from '../../../store/merges-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { ALL_BUCKETS, deliveryBench, fakeSender, inAnHour } from '../../support/delivery-bench';
import { seedCampaign, seedConsent } from '../../support/seed-campaign';
import { planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

const reserved = async (): Promise<number> => {
  const [row] = await database.db.app<{ n: number }[]>`select count(*) as n from contacts`;
  return row?.n ?? 0;
};

describe('a shard', () => {
  it('sends each arm its own creative, once, and withholds control', async () => {
    const campaign = await seedCampaign(database.db, {
      people: 90,
      arms: [{ key: 'a' }, { key: 'b' }, { key: 'none', control: true }],
    });
    const sender = fakeSender();
    const { activities } = deliveryBench(database.db, campaign, sender, { batchSize: 16 });
    const wave = { campaignId: campaign.campaignId, step: 'first', wave: 'test' };
    const plan = await activities.planWave({ ...wave, part: 'test', buckets: ALL_BUCKETS, shardSize: 40 });
    expect(plan.planned).toBe(60);
    expect(plan.shards).toHaveLength(3);
    for (const shard of [...plan.shards, ...plan.shards]) {
      expect(await activities.sendShard({ ...wave, shard, deadlineAt: inAnHour() })).toEqual({
        stopped: 'done',
      });
    }
    const counts = await activities.waveCounts(wave);
    expect(counts).toEqual({
      planned: 60,
      accepted: 60,
      failed: 0,
      skipped: 0,
      uncertain: 0,
      open: 0,
      nextAt: null,
    });
    expect(isComplete(counts)).toBe(true);
    expect(sender.handed).toHaveLength(60);
    expect(new Set(sender.handed.map((mail) => mail.to.address)).size).toBe(60);
    const rows = await database.db.app<{ id: number; arm: string }[]>`select id, arm from deliveries`;
    for (const mail of sender.handed) {
      expect(mail.subject).toBe(`Bonjour ${rows.find((row) => row.id === mail.deliveryId)?.arm ?? '?'}`);
      expect(mail.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
      expect(mail.html).not.toContain('[[');
    }
    const [control] = await database.db
      .app`select count(*) as n, bool_and(allowed) as allowed from control_gate`;
    expect(control).toEqual({ n: 30, allowed: true });
    expect(await reserved()).toBe(60);
  });

  it('plans the same cut again and closes a wave once', async () => {
    const campaign = await seedCampaign(database.db, { people: 30, part: 'rollout' });
    const { activities } = deliveryBench(database.db, campaign, fakeSender());
    const wave = { campaignId: campaign.campaignId, step: 'first', wave: 'rollout-1' };
    const input = {
      ...wave,
      part: 'rollout' as const,
      arm: 'a',
      buckets: { from: 0, to: 5_000 },
      shardSize: 4,
    };
    const first = await activities.planWave(input);
    await activities.sendShard({
      ...wave,
      shard: first.shards[0] ?? { index: 0, from: 0, to: 0 },
      deadlineAt: inAnHour(),
    });
    expect(await activities.planWave({ ...input, buckets: ALL_BUCKETS })).toEqual(first);
    expect(first.planned).toBe(15);
    const { endedAt } = await activities.closeWave(wave);
    expect(await activities.closeWave(wave)).toEqual({ endedAt });
  });

  it('refuses a wave whose people have no arm', async () => {
    const campaign = await seedCampaign(database.db, { people: 3, part: 'rollout' });
    const { activities } = deliveryBench(database.db, campaign, fakeSender());
    await expect(
      activities.planWave({
        campaignId: campaign.campaignId,
        step: 'first',
        wave: 'w',
        part: 'rollout',
        buckets: ALL_BUCKETS,
      }),
    ).rejects.toMatchObject({ type: 'conflict', nonRetryable: true });
  });

  it('fails the row whose message cannot be made, and no other', async () => {
    const campaign = await seedCampaign(database.db, { people: 12 });
    const [broken, silent] = campaign.profileIds;
    await database.db.identity`update identity.people set city = 'panne' where profile_id = ${broken ?? 0}`;
    await database.db.identity`update identity.people set email = null where profile_id = ${silent ?? 0}`;
    const sender = fakeSender();
    const { activities } = deliveryBench(database.db, campaign, sender, {
      compile: (creative) => (person) => {
        if (person.city === 'panne') throw new Error('Lyon 3e is no city');
        return creative;
      },
    });
    const wave = { campaignId: campaign.campaignId, step: 'first', wave: 'test' };
    const { shards } = await activities.planWave({ ...wave, part: 'test', buckets: ALL_BUCKETS });
    for (const shard of shards) await activities.sendShard({ ...wave, shard, deadlineAt: inAnHour() });
    expect(await activities.waveCounts(wave)).toMatchObject({ accepted: 10, failed: 2, open: 0 });
    const codes = await database.db.app`select code from deliveries where state = 'failed' order by code`;
    expect(codes.map((row) => row.code)).toEqual(['no-address', 'personalisation']);
    expect(await reserved()).toBe(10);
  });

  it('records each outcome: refused for now comes back later, refused for good frees the contact, silence stays uncertain', async () => {
    const campaign = await seedCampaign(database.db, { people: 40 });
    const sender = fakeSender((_, nth) => {
      if (nth % 4 === 1) return { kind: 'retry', code: '450 4.2.1' };
      if (nth % 4 === 2) return { kind: 'failed', code: '550 5.1.1' };
      if (nth % 4 === 3) return { kind: 'uncertain', code: 'no-answer' };
      return { kind: 'accepted', providerId: 'q1' };
    });
    const { activities } = deliveryBench(database.db, campaign, sender);
    const wave = { campaignId: campaign.campaignId, step: 'first', wave: 'test' };
    const { shards } = await activities.planWave({ ...wave, part: 'test', buckets: ALL_BUCKETS });
    for (const shard of shards) await activities.sendShard({ ...wave, shard, deadlineAt: inAnHour() });
    const counts = await activities.waveCounts(wave);
    expect(counts).toMatchObject({ planned: 40, accepted: 10, failed: 10, uncertain: 10, open: 10 });
    expect(addsUp(counts)).toBe(true);
    expect(Date.parse(counts.nextAt ?? '')).toBeGreaterThan(Date.now());
    expect(await reserved()).toBe(20);
    const [dead] = await database.db.app`select count(*) as n, min(reason) as reason from suppressions`;
    expect(dead).toEqual({ n: 10, reason: 'hard-bounce' });

    await database.db.app`update deliveries set not_before = now() where state = 'planned'`;
    for (const shard of shards) await activities.sendShard({ ...wave, shard, deadlineAt: inAnHour() });
    expect(sender.handed).toHaveLength(50);
  });

  it('gives up after the fifth refusal', async () => {
    const campaign = await seedCampaign(database.db, { people: 1 });
    const sender = fakeSender(() => ({ kind: 'retry', code: '452 4.2.2' }));
    const { activities } = deliveryBench(database.db, campaign, sender);
    const wave = { campaignId: campaign.campaignId, step: 'first', wave: 'test' };
    const { shards } = await activities.planWave({ ...wave, part: 'test', buckets: ALL_BUCKETS });
    for (let round = 0; round < 7; round += 1) {
      for (const shard of shards) await activities.sendShard({ ...wave, shard, deadlineAt: inAnHour() });
      await database.db.app`update deliveries set not_before = now() where state = 'planned'`;
    }
    expect(sender.handed).toHaveLength(5);
    expect(await activities.waveCounts(wave)).toMatchObject({ failed: 1, open: 0 });
    expect(await reserved()).toBe(0);
  });

  it('skips who is left once the deadline has passed', async () => {
    const campaign = await seedCampaign(database.db, { people: 10 });
    const sender = fakeSender();
    const { activities } = deliveryBench(database.db, campaign, sender);
    const wave = { campaignId: campaign.campaignId, step: 'first', wave: 'test' };
    const { shards } = await activities.planWave({ ...wave, part: 'test', buckets: ALL_BUCKETS });
    for (const shard of shards)
      await activities.sendShard({ ...wave, shard, deadlineAt: new Date(Date.now() - 1).toISOString() });
    expect(await activities.waveCounts(wave)).toMatchObject({ skipped: 10, open: 0 });
    expect(sender.handed).toHaveLength(0);
    expect(await reserved()).toBe(0);
  });

  it('gives the pixel to those alone who agreed to it', async () => {
    const campaign = await seedCampaign(database.db, { people: 10, openTracking: 0.3 });
    await seedConsent(
      database.db,
      campaign.profileIds.slice(0, 1),
      'email-open-tracking',
      true,
      new Date(Date.now() - 1_000),
    );
    const sender = fakeSender();
    const { activities } = deliveryBench(database.db, campaign, sender);
    const wave = { campaignId: campaign.campaignId, step: 'first', wave: 'test' };
    const { shards } = await activities.planWave({ ...wave, part: 'test', buckets: ALL_BUCKETS });
    for (const shard of shards) await activities.sendShard({ ...wave, shard, deadlineAt: inAnHour() });
    expect(sender.handed.filter((mail) => mail.html.includes('/t/o/'))).toHaveLength(2);
  });

  it('is refused while another attempt holds it', async () => {
    const campaign = await seedCampaign(database.db, { people: 4 });
    let release = (): void => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const sender = fakeSender(async () => {
      await blocked;
      return { kind: 'accepted', providerId: 'x' };
    });
    const { activities } = deliveryBench(database.db, campaign, sender);
    const wave = { campaignId: campaign.campaignId, step: 'first', wave: 'test' };
    const { shards } = await activities.planWave({ ...wave, part: 'test', buckets: ALL_BUCKETS });
    const [shard] = shards;
    if (shard === undefined) throw new Error('no shard');
    const first = activities.sendShard({ ...wave, shard, deadlineAt: inAnHour() });
    while (sender.handed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(activities.sendShard({ ...wave, shard, deadlineAt: inAnHour() })).rejects.toMatchObject({
      type: 'shard-busy',
      nonRetryable: false,
    });
    release();
    await first;
    expect(sender.handed).toHaveLength(4);
  });

  it("shares the connections with the worker's other shard: never more rows `sending` than there are of them", async () => {
    const campaign = await seedCampaign(database.db, { people: 80 });
    let most = 0;
    const sender = fakeSender(async () => {
      const [row] = await database.db.app<
        { n: number }[]
      >`select count(*) as n from deliveries where state = 'sending'`;
      most = Math.max(most, row?.n ?? 0);
      return { kind: 'accepted', providerId: 'x' };
    }, 5);
    const { activities } = deliveryBench(database.db, campaign, sender);
    const wave = await planTestWave(activities, campaign, { shardSize: 40 });
    await Promise.all(
      wave.shards.map((shard) => activities.sendShard({ ...wave.ref, shard, deadlineAt: inAnHour() })),
    );
    expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 80, open: 0 });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(5);
  });
});

it('gives a contact back that has moved to another profile meanwhile', async () => {
  const campaign = await seedCampaign(database.db, { people: 2 });
  const [kept] = await database.db.app<{ id: number }[]>`
    insert into profiles (source) values ('test') returning id`;
  const merges = createMergesStore(database.db, 'a pepper of tests');
  let first: number | undefined;
  const sender = fakeSender(async ({ deliveryId }, nth) => {
    first ??= nth;
    const [row] = await database.db.app<{ merged: number }[]>`
      select profile_id as merged from deliveries where id = ${deliveryId}`;
    const given = { kept: kept?.id ?? 0, merged: row?.merged ?? 0 };
    if (nth === first) await merges.merge({ ...given, reason: 'by hand', source: 'test', by: 'anne' });
    return { kind: 'failed', code: '550 5.1.1' };
  });
  const { activities } = deliveryBench(database.db, campaign, sender);
  const wave = { campaignId: campaign.campaignId, step: 'first', wave: 'test' };
  const plan = await activities.planWave({ ...wave, part: 'test', buckets: ALL_BUCKETS, shardSize: 40 });
  for (const shard of plan.shards) await activities.sendShard({ ...wave, shard, deadlineAt: inAnHour() });
  expect(await activities.waveCounts(wave)).toMatchObject({ failed: 2, accepted: 0 });
  expect(await database.db.app`select from profile_merges`).toHaveLength(1);
  expect(await reserved()).toBe(0);
});
