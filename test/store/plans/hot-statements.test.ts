import { createAudienceStore } from '../../../store/audience-store';
import type { Db } from '../../../store/db';
import { createDeliveryStore } from '../../../store/delivery-store';
import { createEventsStore } from '../../../store/events-store';
import { createExplainStore } from '../../../store/explain-store';
import { createMembershipsStore } from '../../../store/memberships-store';
import { createMessagesStore } from '../../../store/messages-store';
import { resolveProfileRefs } from '../../../store/profile-refs';
import { writeClicks } from '../../../store/tracking/clicks';
import { deliveryBench, fakeSender, inAnHour } from '../../support/delivery-bench';
import { explainedDatabase, type ExplainedDatabase } from '../../support/explained';
import { policy } from '../../support/gate';
import { file, importFile, MAPPING } from '../../support/imports';
import { putMatrix } from '../../support/matrix';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';
import { putLive } from '../../support/segments';

/** Of people; at so many PostgreSQL prefers an index wherever one serves. */
const PEOPLE = 100_000;
const PEPPER = 'a-pepper-for-tests-only';
const MATRIX =
  'segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code\nhabitues,high,regular,active,Merci,chaud,P10';

/** They hold a row a person, an event or a message. */
const BIG = [
  'audience_members',
  'consent_events',
  'consent_state',
  'contacts',
  'deliveries',
  'events',
  'membership_changes',
  'people',
  'profile_clock',
  'profile_keys',
  'profiles',
  'segment_members',
  'suppressions',
] as const;

let explained: ExplainedDatabase;
let campaign: SeededCampaign;

beforeAll(async () => {
  explained = await explainedDatabase(load);
}, 60_000);
afterAll(() => explained.close());

async function load(db: Db): Promise<void> {
  const { app } = db;
  await app`
    insert into profiles (area, attributes, email_fp, source)
    select (array['75', '69', '13'])[1 + n % 3], jsonb_build_object('age', 18 + n % 60), sha256(n::text::bytea), 'test'
    from generate_series(1, ${PEOPLE}::int) n`;
  await app`
    insert into profile_keys (kind, hash, profile_id)
    select kind, sha256((kind || n)::bytea), n from generate_series(1, ${PEOPLE}::int) n, lateral (select (array['email', 'customer'])[1 + n % 2]) k (kind)`;
  await app`
    insert into consent_events (profile_id, purpose, channel, action, at, source, recorded_by)
    select n, 'promotion', 'email', 'granted', now() - interval '1 year', 'test', 'test' from generate_series(1, ${PEOPLE / 5}::int) n`;
  await app`
    insert into consent_state (profile_id, purpose, channel, granted, event_id, at)
    select n, 'promotion', 'email', true, n, now() - interval '1 year' from generate_series(1, ${PEOPLE}::int) n`;
  await app`
    insert into suppressions (fingerprint, reason) select sha256(n::text::bytea), 'hard-bounce' from generate_series(1, ${PEOPLE}::int, 10) n`;
  await app`
    insert into events (id, profile_id, type, at, value_cents)
    select 'e' || n, 1 + n % ${PEOPLE}::int, (array['visit', 'purchase'])[1 + n % 2], now() - make_interval(mins => n / 5), 100
    from generate_series(1, ${PEOPLE}::int) n`;
  await app`
    insert into contacts (profile_id, at, nature, channel, department, source)
    select 1 + n % ${PEOPLE}::int, now() - make_interval(mins => n / 5), 'survey', 'email', 'crm', 'other'
    from generate_series(1, ${PEOPLE}::int) n`;
  const recent = { event: 'visit', withinDays: 30, op: 'gte', value: 1 } as const;
  await putLive(app, 'tous', { all: [{ attribute: 'age', op: 'gte', value: 18 }, recent] });
  await putLive(app, 'habitues', { everyone: true });
  await putMatrix(app, MATRIX);
  await policy(db, 'cap', 'promo', { nature: 'promotion', limit: 1, windowDays: 14 });
  await policy(db, 'holdout', 'all', { share: 0.05, start: '2020-01-01', period: 'month' });
  await app`
    insert into segment_members (segment, profile_id)
    select 'tous', profile_id from events where type = 'visit' on conflict do nothing`;
  await app`
    insert into membership_changes (segment, version, profile_id, entered, cause)
    select 'tous', 1, profile_id, true, 'version' from segment_members`;
  await app`
    insert into profile_clock (profile_id, due_at) select n, now() + make_interval(mins => n) from generate_series(1, ${PEOPLE}::int) n`;
  await app`update live_segments set built_at = now()`;

  campaign = await seedCampaign(db, { people: [], part: 'rollout', consent: false });
  // Other campaigns, so that one of them is a part of the table.
  await app`
    insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
    select 'c' || c, n, 'rollout', null, 'habitues', n % 10000 from generate_series(1, 2) c, generate_series(1, ${PEOPLE}::int) n`;
  await app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state)
    select 'c1', 'first', n, 'w1', 'a', 'habitues', 'email', 'accepted' from generate_series(1, ${PEOPLE}::int) n`;
  await db.identity`
    insert into identity.people (profile_id, first_name, email)
    select n, 'Camille', 'p' || n || '@example.test' from generate_series(1, ${PEOPLE}::int) n`;
}

/** Statements that read a big table from end to end, but for those that are to. */
async function scanned(
  work: () => Promise<unknown>,
  allowed: readonly (typeof BIG)[number][] = [],
): Promise<string[]> {
  const plans = await explained.plansOf(work);
  // An instrument that hears nothing finds nothing.
  expect(plans.length).toBeGreaterThan(0);
  return plans.flatMap(({ statement, scans }) =>
    scans
      .filter((table) => BIG.some((big) => big === table) && !allowed.some((one) => one === table))
      .map((table) => `${table}: ${statement.replaceAll(/\s+/g, ' ').trim().slice(0, 400)}`),
  );
}

test('what reads a table from end to end is heard', async () => {
  const found = await scanned(() => explained.db.app`select count(*) from events where value_cents > 1`);
  expect(found).toEqual([expect.stringMatching(/^events: /)]);
});

test('a freeze reads people, their consents and the suppressions once, and their events by person', async () => {
  const audiences = createAudienceStore(explained.db);
  const freeze = () => audiences.freeze(campaign.campaignId);
  expect(await scanned(freeze, ['profiles', 'consent_state', 'suppressions'])).toEqual([]);
  // Of everybody it asks about one in twenty, wherever they are: whole reads are as good.
  const forecast = () => audiences.noteForecast(campaign.campaignId);
  const whole = ['audience_members', 'profiles', 'consent_state', 'suppressions'] as const;
  expect(await scanned(forecast, whole)).toEqual([]);
  await explained.analyze();
});

test('a wave is planned, claimed, gated, sent and recorded by index', async () => {
  const { activities } = deliveryBench(explained.db, campaign, fakeSender());
  const ref = {
    campaignId: campaign.campaignId,
    step: 'first',
    wave: 'w1',
    part: 'rollout',
    arm: 'a',
  } as const;
  const buckets = { from: 0, to: 100 };
  const { shards } = await activities.planWave({ ...ref, buckets });
  const send = async (): Promise<void> => {
    for (const shard of shards.slice(0, 2))
      await activities.sendShard({ ...ref, shard, deadlineAt: inAnHour() });
  };
  expect(await scanned(send)).toEqual([]);
  const [sent] = await explained.fresh.db.app<{ n: number }[]>`
    select count(*) as n from deliveries where campaign_id = ${campaign.campaignId} and state = 'accepted'`;
  expect(sent?.n).toBeGreaterThan(100);
});

test('events are written and people judged by index', async () => {
  const events = createEventsStore(explained.db.app, PEPPER);
  const batch = Array.from({ length: 200 }, (_, i) => ({
    id: `new.${i}`,
    type: 'visit',
    at: new Date().toISOString(),
    profile: { id: 1 + i * 400 },
  }));
  expect(await scanned(() => events.append(batch))).toEqual([]);
});

test('who is due and who was touched is judged by index', async () => {
  const memberships = createMembershipsStore(explained.db.app);
  const at = new Date(Date.now() + 300 * 60_000);
  expect(await scanned(() => memberships.judgeDue(200, at))).toEqual([]);
  await explained.fresh.db.app`
    insert into profile_touches (profile_id) select n from generate_series(1, ${PEOPLE}::int, 500) n`;
  expect(await scanned(() => memberships.judgeTouched(200))).toEqual([]);
});

test('people are found by their keys by index', async () => {
  const refs = Array.from({ length: 200 }, (_, i) =>
    i % 2 === 0 ? { email: `p${i}@example.test` } : { customerKey: `k${i}` },
  );
  expect(await scanned(() => resolveProfileRefs(explained.db.app, PEPPER, refs))).toEqual([]);
});

test('an import looks its rows up by index', async () => {
  const rows = Array.from(
    { length: 500 },
    (_, i) => `k${i},new${i}@exemple.fr,,P,75011,${20 + (i % 50)},10,${i % 12},oui,`,
  );
  expect(await scanned(() => importFile(explained.db, 'some', MAPPING, file(...rows)))).toEqual([]);
});

test('one person is explained by index', async () => {
  const explain = createExplainStore(explained.db.app);
  // It asks the freeze's own statement, over one person: that of a million reads the suppressions at once.
  expect(await scanned(() => explain.of(campaign.campaignId, 4_321), ['suppressions'])).toEqual([]);
});

test('clicks are noted by index, also of people who were merged away', async () => {
  const { app } = explained.fresh.db;
  await app`
    update deliveries set creative_id = (select min(id) from creatives)
    where campaign_id = 'c1' and profile_id in (7, 4711)`;
  await app`update profiles set merged_into = 8 where id = 7 or id between 52_001 and 55_999`;
  const rows = await app<{ id: number }[]>`
    select id from deliveries where campaign_id = 'c1' and profile_id in (7, 4711) order by id`;
  const clicks = rows.map(({ id: deliveryId }) => ({
    deliveryId,
    linkIndex: 0,
    at: new Date(),
    agent: 'person' as const,
    head: false,
  }));
  expect(clicks).toHaveLength(2);
  expect(await scanned(() => writeClicks(explained.db.app, clicks, 2))).toEqual([]);
  const told = await app`select profile_id from events where type = 'message.clicked' order by 1`;
  expect(told).toEqual([{ profile_id: 8 }, { profile_id: 4_711 }]);
});

test('single messages are asked for, claimed and gated by index', async () => {
  const { app } = explained.fresh.db;
  const triggered = await seedCampaign(explained.fresh.db, {
    campaignId: 'ctriggered01',
    people: [],
    nature: 'service',
    scenario: { kind: 'triggered', triggered: { periodSeconds: 86_400 } },
  });
  const { campaignId, creatives } = triggered;
  await app`update campaigns set approved_hash = 'h' where id = ${campaignId}`;
  await app`insert into campaign_stages (campaign_id, stage) values (${campaignId}, 'rollout')`;
  const messages = createMessagesStore(explained.db);
  const store = createDeliveryStore(explained.db);
  const lane = async (): Promise<void> => {
    for (let n = 1; n <= 20; n += 1)
      await messages.create({ campaignId, profileId: n * 4_000, values: {}, by: 'shop' });
    const session = await store.openSession({ campaignId, step: 'm', wave: 'messages', shard: 0 });
    if (session === null) throw new Error('the lane is taken');
    try {
      const terms = await store.laneTerms(campaignId);
      const { claimed } = await store.claimMessages(session, { terms, limit: 50, creatives });
      expect(claimed).toHaveLength(20);
    } finally {
      await session.close();
    }
  };
  expect(await scanned(lane)).toEqual([]);
});
