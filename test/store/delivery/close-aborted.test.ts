import { isComplete } from '../../../domain/delivery/arithmetic';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender, inAnHour } from '../../support/delivery-bench';
import { seedCampaign } from '../../support/seed-campaign';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

const setHold = (hold: string) => database.db.app`update campaigns set hold = ${hold}`;
const endOfWave = async () =>
  (await database.db.app<{ ended_at: Date | null }[]>`select ended_at from waves`)[0]?.ended_at ?? null;

/** A wave of three shards of ten: the first sent, of the second five claimed and two of them on the wire. */
async function halfSent() {
  const campaign = await seedCampaign(database.db, { people: 30 });
  const bench = deliveryBench(database.db, campaign, fakeSender());
  const wave = await planTestWave(bench.activities, campaign, { shardSize: 10 });
  const [first, second] = wave.shards;
  if (first === undefined || second === undefined) throw new Error('no shards');
  await bench.activities.sendShard({ ...wave.ref, shard: first, deadlineAt: inAnHour() });
  const session = await bench.store.openSession({ ...wave.ref, shard: second.index });
  if (session === null) throw new Error('no session');
  const { claimed } = await bench.store.claim(session, {
    terms: await bench.store.waveTerms(wave.ref),
    deadlineAt: new Date(inAnHour()),
    source: 'new',
    range: second,
    cursor: second.from - 1,
    limit: 5,
    creatives: campaign.creatives,
  });
  const onWire = await bench.store.turn(
    session,
    [],
    claimed.slice(0, 2).map((row) => row.id),
  );
  expect(onWire).toHaveLength(2);
  return { ...bench, campaignId: campaign.campaignId, wave, session, onWire };
}

it('an aborted wave adds up, though no shard saw the abort', async () => {
  const { activities, campaignId, wave, session } = await halfSent();
  await session.close();
  await setHold('aborted');
  await activities.closeAborted({ campaignId });
  const counts = await activities.waveCounts(wave.ref);
  expect(counts).toMatchObject({ planned: 30, accepted: 10, uncertain: 2, skipped: 18, open: 0 });
  expect(isComplete(counts)).toBe(true);
  expect(await contactsOutOfStep(database.db, campaignId)).toBe(0);
  const reasons = await database.db.app`
    select state, reason, count(*) as n from deliveries where state <> 'accepted' group by 1, 2 order by 1`;
  expect([...reasons]).toEqual([
    { state: 'skipped', reason: 'aborted', n: 18 },
    { state: 'uncertain', reason: 'worker-lost', n: 2 },
  ]);
  const end = await endOfWave();
  expect(end).not.toBeNull();

  await activities.closeAborted({ campaignId });
  expect(await activities.waveCounts(wave.ref)).toEqual(counts);
  expect(await endOfWave()).toEqual(end);
});

it('waits for an attempt that is alive: what it has on the wire is not called uncertain', async () => {
  const { activities, store, campaignId, wave, session, onWire } = await halfSent();
  await setHold('aborted');
  await expect(activities.closeAborted({ campaignId })).rejects.toMatchObject({
    type: 'shard-busy',
    nonRetryable: false,
  });
  expect(await activities.waveCounts(wave.ref)).toMatchObject({ skipped: 18, uncertain: 0, open: 2 });
  expect(await endOfWave()).toBeNull();

  await store.turn(
    session,
    onWire.map((id) => ({ id, channel: 'email', outcome: { kind: 'accepted', providerId: 'x' } })),
    [],
  );
  await session.close();
  await activities.closeAborted({ campaignId });
  expect(await activities.waveCounts(wave.ref)).toMatchObject({ accepted: 12, skipped: 18, open: 0 });
  expect(await endOfWave()).not.toBeNull();
});

it('skips nobody of a campaign that is not aborted', async () => {
  const { activities, campaignId, wave, session } = await halfSent();
  await session.close();
  await setHold('paused');
  await activities.closeAborted({ campaignId });
  expect(await activities.waveCounts(wave.ref)).toMatchObject({
    accepted: 10,
    skipped: 0,
    uncertain: 0,
    open: 20,
  });
  expect(await endOfWave()).toBeNull();
});
