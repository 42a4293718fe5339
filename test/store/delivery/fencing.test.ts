import { stillOf } from '../../../activities/delivery/send-claimed';
import { createDeliveryStore, type DeliveryStore, type ShardSession } from '../../../store/delivery-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { fromNow, HOUR_MS } from '../../support/gate';
import { askMessage, openTriggered } from '../../support/message-lane';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';

let database: FreshDatabase;
let store: DeliveryStore;
let campaign: SeededCampaign;
let session: ShardSession;
beforeEach(async () => {
  database = await freshDatabase(4);
  store = createDeliveryStore(database.db);
  campaign = await seedCampaign(database.db, { people: 3 });
  await store.planWave({ ...key(), part: campaign.part, arm: null, ...EVERYBODY });
  const opened = await store.openSession({ ...key(), shard: 0 });
  if (opened === null) throw new Error('the shard is taken');
  session = opened;
});
afterEach(async () => {
  await session.close();
  await database.close();
});

const EVERYBODY = { buckets: { from: 0, to: 10_000 }, shardSize: 1_000 };
const RANGE = { from: 0, to: 1_000_000_000 };
const key = () => ({ campaignId: campaign.campaignId, step: 'first', wave: 'w' });
/** As after a connection that broke: the statement runs on another backend than the one that held the lock. */
const lost = (): ShardSession => ({ ...session, backendPid: session.backendPid + 1 });

const claim = async (by: ShardSession, sending = false) =>
  store.claim(by, {
    terms: await store.waveTerms(key()),
    deadlineAt: fromNow(HOUR_MS),
    source: 'new',
    range: RANGE,
    cursor: 0,
    limit: 10,
    creatives: campaign.creatives,
    sending,
  });

/** What the ledger and the caps know. */
const everything = async (): Promise<unknown> => {
  const { app } = database.db;
  return {
    deliveries: await app`select id, state, reason, attempts from deliveries order by id`,
    contacts: await app`select profile_id, campaign_id, step from contacts order by profile_id`,
    controls: await app`select profile_id from control_gate`,
  };
};

it('who lost the shard’s lock claims nobody', async () => {
  const before = await everything();
  expect((await claim(lost())).claimed).toEqual([]);
  expect((await claim(lost(), true)).claimed).toEqual([]);
  expect(await everything()).toEqual(before);
  expect((await claim(session)).claimed).toHaveLength(3);
});

it.each(['claimed', 'sending'] as const)(
  'and of rows that are %s marks, clears, gives back and reclaims none',
  async (state) => {
    const { claimed } = await claim(session, state === 'sending');
    const ids = claimed.map(({ id }) => id);
    const still = stillOf(await store.waveTerms(key()), 'email');
    const before = await everything();
    expect(await store.turn(lost(), [], ids, ['email'], still)).toEqual([]);
    expect(await store.cleared(lost(), campaign.campaignId, ids, null)).toEqual([]);
    expect(await store.cleared(lost(), campaign.campaignId, ids, still)).toEqual([]);
    await store.release(lost(), ids, 'paused');
    await store.defer(
      lost(),
      ids.map((id) => ({ id, until: fromNow(HOUR_MS) })),
      'rate',
    );
    expect(await store.reclaim(lost(), key(), RANGE, ['email'])).toMatchObject({
      replanned: 0,
      uncertain: 0,
    });
    expect(await everything()).toEqual(before);
    expect(await store.cleared(session, campaign.campaignId, ids, still)).toHaveLength(
      state === 'sending' ? 3 : 0,
    );
    expect(await store.turn(session, [], ids, ['email'], still)).toHaveLength(state === 'claimed' ? 3 : 0);
  },
);

it('nor does a lane that lost its own', async () => {
  const service = await openTriggered(database.db, 'cserve', 1);
  await askMessage(database.db, service, 0);
  const terms = await store.laneTerms('cserve');
  const asked = (by: ShardSession) =>
    store.claimMessages(by, { terms, limit: 5, creatives: service.creatives });
  const before = await everything();
  expect((await asked(lost())).claimed).toEqual([]);
  expect(await everything()).toEqual(before);
  expect((await asked(session)).claimed).toHaveLength(1);
  await database.db.app`update deliveries set state = 'sending'`;
  expect(await store.reclaimMessages(lost(), 'cserve', [])).toEqual({ replanned: 0, uncertain: 0 });
  expect(await store.reclaimMessages(session, 'cserve', [])).toEqual({ replanned: 0, uncertain: 1 });
});
