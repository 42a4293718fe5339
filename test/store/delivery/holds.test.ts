import postgres from 'postgres';
import { addsUp, isComplete } from '../../../domain/delivery/arithmetic';
import type { SendOutcome } from '../../../domain/delivery/ports';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender, inAnHour, fromNth } from '../../support/delivery-bench';
import { seedCampaign } from '../../support/seed-campaign';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

const ACCEPTED: SendOutcome = { kind: 'accepted', providerId: 'x' };
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const setHold = (hold: string) => database.db.app`update campaigns set hold = ${hold}`;

it('a pause in mid-shard lets nothing more out, and a resume goes on where it was', async () => {
  const campaign = await seedCampaign(database.db, { people: 60 });
  let pausedAt = 0;
  const after: number[] = [];
  const pause = async (): Promise<void> => {
    await setHold('paused');
    pausedAt = Date.now();
  };
  const pausing = fromNth(20, pause);
  const sender = fakeSender(async (_, nth) => {
    if (pausedAt > 0) after.push(Date.now() - pausedAt);
    await pausing(nth);
    await soon(5);
    return ACCEPTED;
  }, 4);
  const { activities } = deliveryBench(database.db, campaign, sender);
  const wave = await planTestWave(activities, campaign);
  expect(await wave.run()).toEqual(['paused']);
  // What was marked before the pause was already being handed over: no more than the connections.
  expect(sender.handed.length).toBeLessThanOrEqual(20 + sender.connections);
  expect(Math.max(0, ...after)).toBeLessThan(2_000);
  const counts = await activities.waveCounts(wave.ref);
  expect(counts.accepted).toBe(sender.handed.length);
  expect(addsUp(counts)).toBe(true);
  expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
  const [held] = await database.db
    .app`select count(*) as n from deliveries where state in ('claimed', 'sending')`;
  expect(held).toEqual({ n: 0 });

  expect(await wave.run()).toEqual(['paused']);
  pausedAt = 0;
  await setHold('run');
  expect(await wave.run()).toEqual(['done']);
  expect(isComplete(await activities.waveCounts(wave.ref))).toBe(true);
  expect(new Set(sender.handed.map((mail) => mail.deliveryId)).size).toBe(60);
  expect(sender.handed).toHaveLength(60);
});

it('an abort in mid-shard skips everybody who is left, in every shard of the wave', async () => {
  const campaign = await seedCampaign(database.db, {
    people: 60,
    arms: [{ key: 'a' }, { key: 'none', control: true }],
  });
  const aborting = fromNth(7, () => setHold('aborted'));
  const sender = fakeSender(async (_, nth) => {
    await aborting(nth);
    return ACCEPTED;
  }, 4);
  const { activities } = deliveryBench(database.db, campaign, sender);
  const wave = await planTestWave(activities, campaign, { shardSize: 30 });
  const [shard] = wave.shards;
  if (shard === undefined) throw new Error('no shard');
  expect(await activities.sendShard({ ...wave.ref, shard, deadlineAt: inAnHour() })).toEqual({
    stopped: 'aborted',
  });
  const counts = await activities.waveCounts(wave.ref);
  expect(counts).toMatchObject({
    planned: 30,
    accepted: sender.handed.length,
    skipped: 30 - sender.handed.length,
    open: 0,
  });
  expect(isComplete(counts)).toBe(true);
  expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
});

it('a cancelled attempt records what is out and gives back the rest', async () => {
  const campaign = await seedCampaign(database.db, { people: 40 });
  let cancelled = false;
  const sender = fakeSender(async (_, nth) => {
    if (nth === 10) cancelled = true;
    await soon(3);
    return ACCEPTED;
  }, 4);
  const { activities } = deliveryBench(database.db, campaign, sender, { cancelled: () => cancelled });
  const wave = await planTestWave(activities, campaign);
  await expect(wave.run()).rejects.toThrow('told to stop');
  const counts = await activities.waveCounts(wave.ref);
  expect(counts).toMatchObject({ accepted: sender.handed.length, uncertain: 0 });
  expect(sender.handed.length).toBeLessThan(40);
  cancelled = false;
  await wave.run();
  expect(isComplete(await activities.waveCounts(wave.ref))).toBe(true);
  expect(sender.handed).toHaveLength(40);
});

it("a dead attempt's claimed rows are planned again, its sending rows are never sent by themselves", async () => {
  const campaign = await seedCampaign(database.db, { people: 20 });
  const sender = fakeSender();
  const { activities, store } = deliveryBench(database.db, campaign, sender);
  const wave = await planTestWave(activities, campaign);
  const [shard] = wave.shards;
  if (shard === undefined) throw new Error('no shard');
  const session = await store.openSession({ ...wave.ref, shard: shard.index });
  if (session === null) throw new Error('no session');
  const terms = await store.waveTerms(wave.ref);
  const claim = await store.claim(session, {
    terms,
    deadlineAt: new Date(inAnHour()),
    source: 'new',
    range: shard,
    cursor: shard.from - 1,
    limit: 12,
    creatives: campaign.creatives,
  });
  expect(claim.claimed).toHaveLength(12);
  const marked = await store.turn(
    session,
    [],
    claim.claimed.slice(0, 3).map((row) => row.id),
  );
  expect(marked).toHaveLength(3);
  await session.close();

  await wave.run();
  const counts = await activities.waveCounts(wave.ref);
  expect(counts).toMatchObject({ planned: 20, accepted: 17, uncertain: 3, open: 0 });
  expect(sender.handed.map((mail) => mail.deliveryId)).not.toEqual(expect.arrayContaining([marked[0]]));
  expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);

  // What turns out later settles it; a late "try again" does not put it back.
  await store.recordOutcomes([
    { id: Number(marked[0]), channel: 'email', outcome: ACCEPTED },
    { id: Number(marked[1]), channel: 'email', outcome: { kind: 'retry', code: '451' } },
  ]);
  expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 18, uncertain: 2, open: 0 });
});

it('an attempt whose connection was cut can mark and claim no more', async () => {
  const campaign = await seedCampaign(database.db, { people: 10 });
  const { store, activities } = deliveryBench(database.db, campaign, fakeSender());
  const wave = await planTestWave(activities, campaign);
  const [shard] = wave.shards;
  const terms = await store.waveTerms(wave.ref);
  const session = await store.openSession({ ...wave.ref, shard: 0 });
  if (session === null || shard === undefined) throw new Error('no session');
  const input = {
    terms,
    deadlineAt: new Date(inAnHour()),
    source: 'new' as const,
    range: shard,
    limit: 5,
    creatives: campaign.creatives,
  };
  const first = await store.claim(session, { ...input, cursor: 0 });
  const admin = postgres(database.url, { max: 1 });
  await admin`select pg_terminate_backend(${session.backendPid})`;
  await admin.end();
  await soon(50);
  const ids = first.claimed.map((row) => row.id);
  // The driver's first words after the cut fail; then it has a new connection, and the lock has not come with it.
  await store.turn(session, [], ids).catch(() => []);
  expect(await session.alive()).toBe(false);
  expect(await store.turn(session, [], ids)).toEqual([]);
  expect((await store.claim(session, { ...input, cursor: first.cursor })).claimed).toEqual([]);
  await store.release(session, ids, 'stopped');
  const [rows] = await database.db
    .app`select count(*) as n, min(state) as least, max(state) as most from deliveries`;
  expect(rows).toEqual({ n: 5, least: 'claimed', most: 'claimed' });
  await session.close();
});

it('an outage of the relay costs no attempt and waits instead of rushing through the list', async () => {
  const campaign = await seedCampaign(database.db, { people: 12 });
  let down = true;
  const sender = fakeSender(() => (down ? { kind: 'retry', code: 'relay-unreachable' } : ACCEPTED), 4);
  const { activities } = deliveryBench(database.db, campaign, sender);
  const wave = await planTestWave(activities, campaign);
  const running = wave.run();
  await soon(1_500);
  const during = sender.handed.length;
  expect(during).toBeLessThanOrEqual(8);
  down = false;
  await running;
  const [attempts] = await database.db
    .app`select max(attempts) as most from deliveries where state = 'planned'`;
  expect(attempts).toEqual({ most: 0 });
  await database.db.app`update deliveries set not_before = now() where state = 'planned'`;
  await wave.run();
  expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 12, open: 0 });
});
