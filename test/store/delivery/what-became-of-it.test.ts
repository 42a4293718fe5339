import * as fc from 'fast-check';
import { addsUp } from '../../../domain/delivery/arithmetic';
import type { SendOutcome } from '../../../domain/delivery/ports';
import { createAudienceStore } from '../../../store/audience-store';
import { CONTACTS, createContactHistoryStore } from '../../../store/contact-history-store';
import { counters } from '../../../store/delivery/counters';
import { createExplainStore } from '../../../store/explain-store';
import { createProviderEventsStore } from '../../../store/provider-events-store';
import { createTrackingStore } from '../../../store/tracking-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign, seedConsent } from '../../support/seed-campaign';
import { putLive } from '../../support/segments';
import { planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

const OUTCOMES: readonly SendOutcome[] = [
  { kind: 'accepted', providerId: 'q' },
  { kind: 'failed', code: '550' },
  { kind: 'retry', code: '451' },
  { kind: 'uncertain', code: 'no-answer' },
];

describe('counters', () => {
  it('add up at every moment of a wave, in the whole and in each cell', async () => {
    let nth = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          people: fc.integer({ min: 1, max: 25 }),
          refused: fc.integer({ min: 0, max: 5 }),
          shardSize: fc.integer({ min: 3, max: 30 }),
          answers: fc.array(fc.nat({ max: OUTCOMES.length - 1 }), { minLength: 1, maxLength: 9 }),
        }),
        async ({ people, refused, shardSize, answers }) => {
          nth += 1;
          const campaign = await seedCampaign(database.db, {
            campaignId: `ccount${nth}`,
            people,
            arms: [{ key: 'a' }, { key: 'b' }],
          });
          await seedConsent(database.db, campaign.profileIds.slice(0, refused), 'promotion', false);
          const looks: Promise<void>[] = [];
          const look = async (): Promise<void> => {
            const { total, cells } = await counters(database.db.app, campaign.campaignId);
            for (const one of [total, ...cells]) if (!addsUp(one)) throw new Error(JSON.stringify(one));
            expect(total.planned).toBe(people);
            expect(cells.reduce((sum, cell) => sum + cell.planned, 0)).toBe(people);
          };
          const sender = fakeSender((_, n) => {
            looks.push(look());
            return OUTCOMES[answers[n % answers.length] ?? 0] ?? { kind: 'failed', code: '550' };
          });
          const { activities } = deliveryBench(database.db, campaign, sender);
          const wave = await planTestWave(activities, campaign, { shardSize });
          await look();
          await Promise.all(
            wave.shards.map((shard) =>
              activities.sendShard({
                ...wave.ref,
                shard,
                deadlineAt: new Date(Date.now() + 3_600_000).toISOString(),
              }),
            ),
          ).catch((fault: unknown) => {
            // A deferred row keeps its shard open; the wave is looked at as it stands.
            looks.push(look());
            if (!(fault instanceof Error)) throw fault;
          });
          await Promise.all(looks);
          await look();
        },
      ),
      { numRuns: 8 },
    );
  });

  it('show what a lost row would be: a ledger that does not add up', async () => {
    const campaign = await seedCampaign(database.db, { people: 5 });
    const { activities } = deliveryBench(database.db, campaign, fakeSender());
    await (await planTestWave(activities, campaign)).run();
    await database.db.app`update waves set planned = 4`;
    const { total } = await counters(database.db.app, campaign.campaignId);
    expect([total.planned, total.accepted, addsUp(total)]).toEqual([4, 5, false]);
  });

  it('count messages once, people once, and no scanner', async () => {
    const campaign = await seedCampaign(database.db, { people: 6, openTracking: 1 });
    const { activities } = deliveryBench(database.db, campaign, fakeSender());
    await (await planTestWave(activities, campaign)).run();
    await database.db
      .app`update deliveries set settled_at = settled_at - interval '1 hour', gated_at = gated_at - interval '1 hour'`;
    const ids = (await database.db.app<{ id: number }[]>`select id from deliveries order by id`).map(
      (row) => row.id,
    );
    const [a = 0, b = 0, c = 0] = ids;
    const tracking = createTrackingStore(database.db.app);
    const provider = createProviderEventsStore(database.db.app, ['email']);
    const now = Date.now();
    for (const ms of [0, 5_000, 9_000]) await tracking.recordClick(a, 0, new Date(now + ms), 'person');
    await tracking.recordClick(b, 0, new Date(now), 'robot');
    await tracking.recordOpen(b, new Date(now), { kind: 'reader', proxy: null });
    await tracking.recordOpen(c, new Date(now), { kind: 'prefetch', proxy: 'apple-mpp' });
    const tell = (
      deliveryId: number,
      happening: Parameters<typeof provider.record>[0]['happening'],
      id: string,
    ) => provider.record({ id, at: new Date(now), ref: { deliveryId }, happening, by: 'webhook' });
    await tell(a, { kind: 'delivered' }, '1');
    await tell(b, { kind: 'bounced', hard: false, code: null }, '2');
    await tell(b, { kind: 'bounced', hard: true, code: '550 5.1.1' }, '3');
    await tell(c, { kind: 'complained' }, '4');
    const { total, cells } = await counters(database.db.app, campaign.campaignId);
    expect(total).toEqual({
      planned: 6,
      accepted: 6,
      failed: 0,
      skipped: 0,
      uncertain: 0,
      open: 0,
      delivered: 1,
      bouncedHard: 1,
      bouncedSoft: 1,
      clickedPeople: 1,
      opened: 1,
      unsubscribed: 0,
      complained: 1,
      convertedPeople: 0,
    });
    expect(cells).toEqual([{ step: 'first', wave: 'w1', channel: 'email', arm: 'a', ...total }]);
  });
});

it('tells one person’s contacts, ours and others’, newest first, with what became of each', async () => {
  const campaign = await seedCampaign(database.db, { people: 2 });
  const [profileId = 0, other = 0] = campaign.profileIds;
  const { activities } = deliveryBench(database.db, campaign, fakeSender());
  await (await planTestWave(activities, campaign)).run();
  await database.db.app`
    insert into contacts (profile_id, at, nature, channel, department, source, external_id)
    select p, now() - interval '1 day' * n, 'promotion', 'sms', 'shop', 'other-tool', p || '-' || n
    from generate_series(1, 4) n, unnest(${[profileId, other]}::bigint[]) p`;
  const [row] = await database.db.app<
    { id: number }[]
  >`select id from deliveries where profile_id = ${profileId}`;
  await createTrackingStore(database.db.app).recordClick(
    row?.id ?? 0,
    0,
    new Date(Date.now() + 60_000),
    'person',
  );
  const history = createContactHistoryStore(database.db.app);
  const whole = await history.of(profileId, { contacts: ['made'], limit: 50 });
  expect(whole.map((entry) => [entry.source, entry.channel, entry.department])).toEqual([
    ['boucle', 'email', 'crm'],
    ...Array.from({ length: 4 }, () => ['other-tool', 'sms', 'shop']),
  ]);
  expect(whole[0]).toMatchObject({
    id: `d${row?.id}`,
    nature: 'promotion',
    campaignId: campaign.campaignId,
    delivery: { state: 'accepted', step: 'first', wave: 'w1', arm: 'a' },
    events: [{ type: 'message.clicked' }],
  });
  const paged = [];
  for (let after: string | undefined; ;) {
    const page = await history.of(profileId, {
      contacts: ['made'],
      limit: 2,
      ...(after === undefined ? {} : { after }),
    });
    paged.push(...page);
    after = page.at(-1)?.id;
    if (page.length < 2) break;
  }
  expect(paged).toEqual(whole);
  const contactOf = async (state: string) => {
    await database.db.app`update deliveries set state = ${state} where id = ${row?.id ?? 0}`;
    const entries = await history.of(profileId, { contacts: CONTACTS, limit: 1 });
    return entries[0]?.contact;
  };
  expect(await contactOf('uncertain')).toBe('in-doubt');
  expect(await contactOf('claimed')).toBe('not-yet');
  expect(await contactOf('failed')).toBe('not-made');
  const made = await history.of(profileId, { contacts: ['made', 'in-doubt'], limit: 50 });
  expect(made.map(({ source }) => source)).toEqual(Array.from({ length: 4 }, () => 'other-tool'));
});

describe('why somebody did or did not get it', () => {
  const codes = async (campaignId: string, profileId: number) =>
    (await createExplainStore(database.db.app).of(campaignId, profileId)).statements.map((s) => s.code);

  it('names consent event, rule and suppression, and the control arm', async () => {
    const campaign = await seedCampaign(database.db, {
      people: 5,
      arms: [{ key: 'a' }, { key: 'nothing', control: true }],
    });
    const [sent = 0, control = 0, refused = 0, , suppressed = 0] = campaign.profileIds;
    await seedConsent(database.db, [refused], 'promotion', false);
    await database.db
      .app`insert into suppressions (fingerprint, reason) select email_fp, 'complaint' from profiles where id = ${suppressed}`;
    const { activities } = deliveryBench(database.db, campaign, fakeSender());
    const wave = await planTestWave(activities, campaign);
    const planned = `wave:${wave.ref.step}/${wave.ref.wave}`;
    expect(await codes(campaign.campaignId, sent)).toEqual(['in-audience', 'not-looked-at', planned]);
    await wave.run();
    const [proof] = await database.db.app<
      { id: number }[]
    >`select event_id as id from consent_state where profile_id = ${sent} and purpose = 'promotion'`;
    expect(await codes(campaign.campaignId, sent)).toEqual([
      'in-audience',
      planned,
      `consent:${proof?.id}`,
      'gate:allow',
      'contact',
      'delivery:accepted',
    ]);
    expect(await codes(campaign.campaignId, control)).toEqual(['in-audience', planned, 'control']);
    expect(await codes(campaign.campaignId, refused)).toEqual([
      'in-audience',
      planned,
      expect.stringMatching(/^consent:/),
      'gate:skip:no-consent',
      'delivery:skipped',
    ]);
    const explained = await createExplainStore(database.db.app).of(campaign.campaignId, suppressed);
    expect(explained.statements.find((s) => s.code === 'gate:skip:suppressed')?.words).toMatch(
      /complaint of \d{4}.*, global/,
    );
    expect(explained.suppressions).toMatchObject([{ scope: 'global', reason: 'complaint' }]);
  });

  it('says of somebody outside what keeps them out, and what no wave has reached', async () => {
    const { app } = database.db;
    const campaign = await seedCampaign(database.db, { people: 4 });
    const { campaignId } = campaign;
    const [refused = 0, elsewhere = 0, late = 0, member = 0] = campaign.profileIds;
    await app`delete from audience_members`;
    await app`update profiles set attributes = '{"city": "Lyon"}' where id <> ${elsewhere}`;
    for (const key of ['tous', 'habitues']) await putLive(app, key, { attribute: 'city', in: ['Lyon'] });
    await app`insert into persona_matrix_versions (version, csv, sha256, created_by, state) values (1, '', '', 'alice', 'approved')`;
    await app`
      insert into persona_matrix_rows (version, ordinal, segment_id, value_tier, behavior_cluster, state, key_message, visual_guideline, offer_code)
      values (1, 1, 'habitues', '', '', '', '', '', '')`;
    expect(await codes(campaignId, refused)).toEqual(['segment:in', 'persona:habitues', 'not-frozen']);
    await seedConsent(database.db, [refused, late], 'promotion', false);
    await createAudienceStore(database.db).freeze(campaignId);
    await seedConsent(database.db, [late], 'promotion', true);
    expect(await codes(campaignId, refused)).toEqual([
      'segment:in',
      'persona:habitues',
      'not-in-audience',
      'excluded:no-consent',
    ]);
    expect(await codes(campaignId, elsewhere)).toEqual(['segment:out', 'not-in-audience', 'not-in-segment']);
    expect(await codes(campaignId, late)).toEqual([
      'segment:in',
      'persona:habitues',
      'not-in-audience',
      'joined-since',
    ]);
    expect(await codes(campaignId, member)).toEqual([
      'segment:in',
      'persona:habitues',
      'in-audience',
      'no-wave',
    ]);
    await expect(codes('cnothere', member)).rejects.toMatchObject({ code: 'not-found' });
    await expect(codes(campaignId, 987_654)).rejects.toMatchObject({ code: 'not-found' });
  });
});
