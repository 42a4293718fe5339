import type { SendOutcome } from '../../../domain/delivery/ports';
import type { Tx } from '../../../store/db';
import { dueEntries, entriesInHand, newEntries, noteEntries } from '../../../store/delivery/entries';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender, inAnHour } from '../../support/delivery-bench';
import { seedCampaign, seedPeople, type SeededCampaign } from '../../support/seed-campaign';

let database: FreshDatabase;
/** Lower ids, and the campaign's own members behind them. */
let earlier: readonly number[];
let campaign: SeededCampaign;
beforeEach(async () => {
  database = await freshDatabase(4);
  earlier = await seedPeople(database.db, 2);
  campaign = await seedCampaign(database.db, {
    people: 4,
    part: 'rollout',
    nature: 'service',
    arms: [{ key: 'a' }],
    scenario: { kind: 'continuous', continuous: { periodSeconds: 86_400 } },
  });
  await database.db.app`
    insert into waves (campaign_id, step, wave, part, arm, planned) values (${campaign.campaignId}, 'first', 'entries', 'rollout', 'a', 0)`;
});
afterEach(() => database.close());

const wave = () => ({ campaignId: campaign.campaignId, step: 'first', wave: 'entries' });
const HOUR = 3_600;

/** As the intake does: members, and the message each is owed. */
async function enter(people: readonly number[], agoSeconds = 0): Promise<void> {
  const { app } = database.db;
  const { campaignId } = campaign;
  await app`
    insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
    select ${campaignId}, id, 'rollout', null, 'habitues', 0 from unnest(${[...people]}::bigint[]) id on conflict do nothing`;
  await app`
    insert into entry_messages (campaign_id, step, profile_id, due_at)
    select ${campaignId}, 'first', id, now() - make_interval(secs => ${agoSeconds}) from unnest(${[...people]}::bigint[]) id`;
  await app`update waves set planned = planned + ${people.length} where campaign_id = ${campaignId}`;
}

function rounds(behave?: (nth: number) => SendOutcome) {
  const sender = fakeSender((_, nth) => behave?.(nth) ?? { kind: 'accepted', providerId: 'x' });
  const { activities, store } = deliveryBench(database.db, campaign, sender);
  const EVERYBODY = { index: 0, from: 0, to: Number.MAX_SAFE_INTEGER };
  return {
    store,
    handed: (): number => sender.handed.length,
    round: async () => {
      await activities.sendShard({ ...wave(), shard: EVERYBODY, deadlineAt: inAnHour(), entries: true });
      return activities.noteEntries({ ...wave(), lateAfterSeconds: HOUR });
    },
    counts: () => activities.waveCounts(wave()),
  };
}

const states = async (): Promise<string[]> => {
  const rows = await database.db.app<{ state: string }[]>`select state from deliveries order by profile_id`;
  return rows.map((row) => row.state);
};

it('sends to whoever entered since, whatever their id, each once', async () => {
  const { round, handed, counts } = rounds();
  await enter(campaign.profileIds.slice(0, 3));
  expect(await round()).toMatchObject({ open: 0, late: 0 });
  expect(handed()).toBe(3);
  await enter(earlier);
  expect(await round()).toMatchObject({ open: 0 });
  await round();
  expect(handed()).toBe(5);
  expect(await counts()).toMatchObject({ planned: 5, accepted: 5, open: 0 });
});

it('takes up what a dead worker left, and never what was on the wire', async () => {
  const { round, handed, store } = rounds();
  await enter(campaign.profileIds);
  const session = await store.openSession({ ...wave(), shard: 0 });
  if (session === null) throw new Error('the shard is taken');
  await store.claim(session, {
    terms: await store.waveTerms(wave()),
    deadlineAt: new Date(inAnHour()),
    source: 'new',
    entries: true,
    range: { from: 0, to: Number.MAX_SAFE_INTEGER },
    cursor: -1,
    limit: 10,
    creatives: campaign.creatives,
  });
  await session.close();
  await database.db
    .app`update deliveries set state = 'sending' where profile_id = ${campaign.profileIds[0] ?? 0}`;
  expect(await round()).toMatchObject({ open: 0 });
  expect(handed()).toBe(3);
  expect(await states()).toEqual(['uncertain', 'accepted', 'accepted', 'accepted']);
});

it('calls late what the provider keeps waiting, not what a rule puts off', async () => {
  const { round } = rounds(() => ({ kind: 'retry', code: '451' }));
  await enter(campaign.profileIds, HOUR + 1);
  expect(await round()).toEqual({
    open: 4,
    late: 4,
    words: '4 message(s) of step first should have gone more than 1 h ago: 4 retry.',
  });
  const soon = new Date(Date.now() + 60_000);
  await database.db.app`
    update deliveries set reason = 'quiet-hours', not_before = ${soon} where profile_id = ${campaign.profileIds[0] ?? 0}`;
  // Their time had come, so the round looks at them.
  await database.db.app`update entry_messages set next_at = now()`;
  expect(await round()).toMatchObject({ open: 4, late: 3 });
  // From then on it is the sending that is waited for.
  await database.db.app`update entry_messages set due_at = due_at - interval '2 hours'`;
  expect(await round()).toMatchObject({ open: 4, late: 4 });
});

it('comes back to who was put off only when their time has come', async () => {
  const { round, handed } = rounds((nth) =>
    nth <= 4 ? { kind: 'retry', code: '451' } : { kind: 'accepted', providerId: 'x' },
  );
  await enter(campaign.profileIds);
  expect(await round()).toMatchObject({ open: 4 });
  expect(await round()).toMatchObject({ open: 4 });
  expect(handed()).toBe(4);
  await database.db.app`update deliveries set not_before = now()`;
  await database.db.app`delete from domain_backoffs`;
  await database.db.app`update entry_messages set next_at = now()`;
  expect(await round()).toMatchObject({ open: 0, late: 0 });
  expect(handed()).toBe(8);
});

it('reads what is open, not everybody who ever entered', async () => {
  const { app } = database.db;
  const past = 20_000;
  await app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, settled_at)
    select ${campaign.campaignId}, 'first', 1000000 + n, 'entries', 'a', 'habitues', 'email', 'accepted', now()
    from generate_series(1, ${past}) n`;
  await app`
    insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
    select campaign_id, profile_id, 'rollout', null, persona, 0 from deliveries`;
  await app`
    insert into entry_messages (campaign_id, step, profile_id, settled_at)
    select campaign_id, step, profile_id, settled_at from deliveries`;
  await app`analyze deliveries`;
  await app`analyze entry_messages`;
  await app`analyze audience_members`;
  await enter(campaign.profileIds);
  const read = await app.begin(async (tx) => {
    const before = await rowsRead(tx);
    const wanted = { terms: wave(), cursor: -1, limit: 500 };
    expect(await newEntries(tx, wanted)).toHaveLength(4);
    expect(await dueEntries(tx, wanted)).toHaveLength(0);
    await tx`select d.profile_id ${entriesInHand(tx, wave())}`;
    expect(await noteEntries(tx, wave(), HOUR)).toMatchObject({ open: 4 });
    return (await rowsRead(tx)) - before;
  });
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(100);
});

/** Of any table, by this session so far. */
async function rowsRead(tx: Tx): Promise<number> {
  const [row] = await tx<{ n: string }[]>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as n from pg_stat_xact_user_tables`;
  return Number(row?.n);
}
