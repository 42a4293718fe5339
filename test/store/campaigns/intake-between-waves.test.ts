import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { createAudienceStore } from '../../../store/audience-store';
import { createIntakeStore } from '../../../store/intake-store';
import { putMatrix } from '../../support/matrix';
import { putLive } from '../../support/segments';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender, inAnHour } from '../../support/delivery-bench';
import { seedCampaign, seedPeople, type SeededCampaign } from '../../support/seed-campaign';

const CAMPAIGN = 'cbetween0001';
const FIRST_WAVE = { wave: 'rollout-1', buckets: { from: 0, to: 1_000 } };
const SECOND_WAVE = { wave: 'rollout-2', buckets: { from: 1_000, to: 10_000 } };
const MATRIX =
  'segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code\n' +
  'habitues,high,regular,active,Merci,chaud,P10';

let fresh: FreshDatabase;
let campaign: SeededCampaign;
beforeEach(async () => {
  fresh = await freshDatabase(6);
  const { app } = fresh.db;
  const everybody = { attribute: 'member', op: 'eq', value: true } as const;
  for (const key of ['tous', 'habitues']) await putLive(app, key, everybody);
  await putMatrix(app, MATRIX);
  const seeded = await seedCampaign(fresh.db, {
    campaignId: CAMPAIGN,
    people: await joining(300),
    part: 'rollout',
    nature: 'service',
    scenario: {
      intake: 'open',
      rollout: { waves: [0.1, 1], observeSeconds: 1 },
      steps: [{ key: 'again', when: 'accepted', afterSeconds: 3_600 }],
    },
  });
  campaign = { ...seeded, scenario: scenarioSchema.parse(seeded.scenario) };
  await app`delete from audience_members`;
  await createAudienceStore(fresh.db).freeze(CAMPAIGN);
});
afterEach(() => fresh.close());

/** People who match from now on. */
async function joining(n: number): Promise<number[]> {
  const ids = await seedPeople(fresh.db, n);
  await fresh.db.app`update profiles set attributes = '{"member": true}' where id = any(${ids}::bigint[])`;
  return ids;
}

const takeIn = (next?: typeof FIRST_WAVE) => createIntakeStore(fresh.db.app).takeIn(CAMPAIGN, next);

const plan = (step: string, { wave, buckets }: typeof FIRST_WAVE) => {
  const key = { campaignId: CAMPAIGN, step, wave };
  return bench().planWave({ ...key, part: 'rollout', arm: 'a', buckets, shardSize: 20 });
};
const bench = () => deliveryBench(fresh.db, campaign, fakeSender()).activities;

async function send(step: string, next: typeof FIRST_WAVE): Promise<void> {
  const { shards } = await plan(step, next);
  for (const shard of shards)
    await bench().sendShard({ campaignId: CAMPAIGN, step, wave: next.wave, shard, deadlineAt: inAnHour() });
}

const membersIn = async (buckets: { from: number; to: number }): Promise<number[]> => {
  const rows = await fresh.db.app<{ id: number }[]>`
    select profile_id as id from audience_members
    where campaign_id = ${CAMPAIGN} and bucket >= ${buckets.from} and bucket < ${buckets.to} order by id`;
  return rows.map((row) => row.id);
};

/** Each wave's people as planned, and its rows in the ledger. */
const sums = async (): Promise<[string, number, number][]> => {
  const rows = await fresh.db.app<{ step: string; wave: string; planned: number; written: number }[]>`
    select w.step, w.wave, w.planned, (
      select count(*) from deliveries d where d.campaign_id = w.campaign_id and d.step = w.step and d.wave = w.wave) as written
    from waves w where w.campaign_id = ${CAMPAIGN} order by w.started_at`;
  return rows.map(({ step, wave, planned, written }) => [`${step} ${wave}`, planned, written]);
};

test('whoever joins before a wave is in it or in a later one, and every wave adds up', async () => {
  await send('first', FIRST_WAVE);
  const early = await membersIn(FIRST_WAVE.buckets);
  const laterStep = { wave: 'again.rollout-1', buckets: FIRST_WAVE.buckets };
  const cut = await plan('again', laterStep);

  const joined = await joining(200);
  await takeIn(SECOND_WAVE);
  expect(await membersIn(FIRST_WAVE.buckets)).toEqual(early);
  expect(await membersIn(SECOND_WAVE.buckets)).toEqual(expect.arrayContaining(joined));

  // The later step of the first wave runs beside.
  expect(await plan('again', laterStep)).toEqual(cut);
  await send('again', laterStep);
  await send('first', SECOND_WAVE);
  const written = await sums();
  expect(written).toEqual([
    ['first rollout-1', early.length, early.length],
    ['again again.rollout-1', early.length, early.length],
    ['first rollout-2', 500 - early.length, 500 - early.length],
  ]);
  expect(early.length).toBeGreaterThan(5);
});

test('those placed anew are spread over the wave, the others stay where their hash puts them', async () => {
  await plan('first', FIRST_WAVE);
  const joined = await joining(2_000);
  await takeIn(SECOND_WAVE);
  const rows = await fresh.db.app<{ tenth: number; n: number }[]>`
    select bucket / 1000 as tenth, count(*) as n from audience_members
    where profile_id = any(${joined}::bigint[]) group by 1 order by 1`;
  expect(rows.map((row) => row.tenth)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // 222 each on average, with a standard deviation of 14.
  for (const { n } of rows) expect(Math.abs(n - 2_000 / 9)).toBeLessThan(70);
});

test('nobody comes into a wave that is planned, whatever is known of the next one', async () => {
  await plan('first', FIRST_WAVE);
  const cut = await plan('first', SECOND_WAVE);
  const members = await membersIn({ from: 0, to: 10_000 });
  await joining(50);
  for (const next of [FIRST_WAVE, SECOND_WAVE, undefined]) {
    const { audience } = await takeIn(next);
    expect(audience.members).toBe(members.length);
  }
  expect(await plan('first', SECOND_WAVE)).toEqual(cut);
  expect(await membersIn({ from: 0, to: 10_000 })).toEqual(members);
});

test('a wave sent again after a restart keeps its people while others wait for the next', async () => {
  const cut = await plan('first', FIRST_WAVE);
  await joining(50);
  expect((await takeIn(FIRST_WAVE)).audience.members).toBe(300);
  expect(await plan('first', FIRST_WAVE)).toEqual(cut);
  expect((await takeIn(SECOND_WAVE)).audience.members).toBe(350);
  expect(await plan('first', FIRST_WAVE)).toEqual(cut);
});

test('a wave is counted after who is being taken in at that moment', async () => {
  const [before, late] = [await membersIn(FIRST_WAVE.buckets), await joining(1)];
  let planning: ReturnType<typeof plan> | undefined;
  await fresh.db.app.begin(async (tx) => {
    await tx`select from campaigns where id = ${CAMPAIGN} for update`;
    planning = plan('first', FIRST_WAVE);
    for (let waiting = 0; waiting === 0;) {
      const [row] = await tx<{ n: number }[]>`
        select count(*) as n from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))`;
      waiting = row?.n ?? 0;
    }
    await tx`
      insert into audience_members (campaign_id, profile_id, part, persona, bucket)
      values (${CAMPAIGN}, ${late[0] ?? 0}, 'rollout', 'habitues', 5)`;
  });
  expect((await planning)?.planned).toBe(before.length + 1);
});
