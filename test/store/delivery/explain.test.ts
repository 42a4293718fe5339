import { createAudienceStore } from '../../../store/audience-store';
import { createExplainStore } from '../../../store/explain-store';
import { createPoliciesStore } from '../../../store/policies-store';
import { mergeProfiles } from '../../../store/profile-merging';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { contact, DAY_MS, fromNow, HOUR_MS, policy, prefers, throughGate } from '../../support/gate';
import { putMatrix } from '../../support/matrix';
import { seedCampaign } from '../../support/seed-campaign';
import { putLive } from '../../support/segments';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase(4);
});
afterEach(() => database.close());

const MATRIX =
  'segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code\n' +
  'fideles,high,regular,active,Merci,chaud,P10\nhabitues,high,regular,active,Merci,chaud,P10';

const explained = (campaignId: string, profileId: number) =>
  createExplainStore(database.db.app).of(campaignId, profileId);

test('by which clause somebody is in, which persona, which draw, and every look of the gate', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, {
    people: 12,
    part: 'rollout',
    scenario: { audience: { segment: 'tous', personas: ['fideles', 'habitues'] } },
  });
  const { campaignId, profileIds } = campaign;
  const [first = 0, second = 0] = profileIds;
  await db.app`delete from audience_members`;
  await db.app`update profiles set attributes = jsonb_build_object('city', 'Lyon', 'orders_before', case when id = ${first} then 9 else 1 end)`;
  await putLive(db.app, 'tous', {
    all: [{ attribute: 'city', op: 'eq', value: 'Lyon' }, { reachable: 'email' }],
  });
  await putLive(db.app, 'fideles', { attribute: 'orders_before', op: 'gt', value: 5 });
  await putLive(db.app, 'habitues', { everyone: true });
  await putMatrix(db.app, MATRIX);
  await createPoliciesStore(db.app).put(
    'holdout',
    'all',
    { share: 0.0001, start: '2020-01-01', period: 'none' },
    'dpo',
  );
  await createAudienceStore(db).freeze(campaignId);

  const before = await explained(campaignId, first);
  expect(before.rules).toMatchObject([
    {
      kind: 'segment',
      key: 'tous',
      version: 1,
      holds: true,
      why: {
        clause: 'all',
        parts: [
          { holds: true, saw: 'Lyon' },
          { holds: true, saw: true },
        ],
      },
    },
    { kind: 'persona', key: 'fideles', holds: true, why: { saw: 9 } },
    { kind: 'persona', key: 'habitues', holds: true },
  ]);
  expect(before.holdouts).toMatchObject([{ key: 'all', salt: 'holdout.all.always', held: false }]);
  const [member] = await db.app<{ bucket: number }[]>`
    select bucket from audience_members where profile_id = ${first}`;
  expect(Math.floor((before.draw?.bucket ?? -1) * 10_000)).toBe(member?.bucket);
  expect(before.statements.map(({ code }) => code)).toEqual([
    'segment:in',
    'persona:fideles',
    'not-held-out:all',
    'in-audience',
    'no-wave',
  ]);
  expect((await explained(campaignId, second)).statements.map(({ code }) => code)).toContain(
    'persona:habitues',
  );

  // A pause, then a cap of two in a week, then nothing in the way.
  for (const daysAgo of [1, 2, 9]) await contact(db, first, 'promotion', fromNow(-daysAgo * DAY_MS));
  await prefers(db, first, { pausedUntil: fromNow(HOUR_MS / 2) });
  const gate = (source: 'new' | 'due') =>
    throughGate(db, campaign, { wave: 'w1', arm: 'a', source, deadlineAt: fromNow(8 * DAY_MS) });
  const itsTimeHasCome = () =>
    db.app`update deliveries set not_before = now() - interval '1 second' where profile_id = ${first}`;
  await gate('new');
  await db.app`delete from preferences`;
  await policy(db, 'cap', 'week', { nature: 'promotion', limit: 2, windowDays: 7 });
  await itsTimeHasCome();
  await gate('due');
  await policy(db, 'cap', 'week', { nature: 'promotion', limit: 5, windowDays: 7 });
  await itsTimeHasCome();
  await gate('due');

  const after = await explained(campaignId, first);
  const codes = after.statements.map(({ code }) => code);
  expect(codes.slice(4)).toEqual([
    'wave:first/w1',
    expect.stringMatching(/^consent:/),
    'gate:defer:paused',
    'gate:defer:cap:week',
    'gate:allow',
    'contact',
    'delivery:claimed',
  ]);
  expect(after.deliveries[0]?.looks).toHaveLength(2);
  expect(after.caps[0]).toMatchObject({
    key: 'week',
    contacts: [{ nature: 'promotion' }, { nature: 'promotion' }],
  });
  const times = after.statements.slice(6, 9).map(({ at }) => at?.getTime() ?? 0);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('who was merged away is said to be, with what their messages came to', async () => {
  const { app, identity } = database.db;
  const { campaignId, profileIds } = await seedCampaign(database.db, { people: 2 });
  const [kept = 0, merged = 0] = profileIds;
  await app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, settled_at)
    values (${campaignId}, 'first', ${merged}, 'w1', 'a', 'habitues', 'email', 'accepted', now())`;
  await app`
    insert into contacts (campaign_id, step, profile_id, at, nature, channel, department, source)
    values (${campaignId}, 'first', ${merged}, now(), 'promotion', 'email', 'crm', 'boucle')`;
  await app`
    insert into events (id, profile_id, type, at, campaign_id, delivery_id)
    select 'click', profile_id, 'message.clicked', now(), campaign_id, id from deliveries`;
  await identity.begin((tx) =>
    mergeProfiles(tx, 'a pepper', { kept, merged, reason: 'by hand', source: 'test', by: 'anne' }),
  );

  const { statements, mergedInto } = await explained(campaignId, merged);
  expect(mergedInto).toBe(kept);
  const codes = statements.map(({ code }) => code);
  expect(codes[0]).toBe(`merged:${kept}`);
  expect(codes).toEqual(expect.arrayContaining(['contact', 'delivery:accepted', 'message.clicked']));
});

test('what was sent to numbers that were merged into somebody is theirs, and told with the number it went to', async () => {
  const { app, identity } = database.db;
  const { campaignId, profileIds } = await seedCampaign(database.db, { people: 3 });
  const [kept = 0, merged = 0, earlier = 0] = profileIds;
  // The one who stands is not of the audience themselves; the last was merged into the one before.
  await app`delete from audience_members where profile_id = ${kept}`;
  await app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, settled_at, gated_at)
    select ${campaignId}, 'first', n, 'w1', 'a', 'habitues', 'email', 'accepted', now(), now() - (${earlier}::int - n) * interval '1 hour'
    from unnest(array[${merged}::int, ${earlier}::int]) n`;
  await app`
    insert into contacts (campaign_id, step, profile_id, at, nature, channel, department, source)
    values (${campaignId}, 'first', ${merged}, now(), 'promotion', 'email', 'crm', 'boucle')`;
  await app`
    insert into events (id, profile_id, type, at, campaign_id, delivery_id)
    select 'click', profile_id, 'message.clicked', now(), campaign_id, id from deliveries where profile_id = ${earlier}`;
  for (const step of [
    { kept: merged, merged: earlier },
    { kept, merged },
  ])
    await identity.begin((tx) =>
      mergeProfiles(tx, 'a pepper', { ...step, reason: 'by hand', source: 'test', by: 'anne' }),
    );

  const { deliveries, statements } = await explained(campaignId, kept);
  expect(deliveries).toMatchObject([
    { mergedId: merged, state: 'accepted', contactAt: expect.any(Date), events: [] },
    { mergedId: earlier, state: 'accepted', events: [{ type: 'message.clicked' }] },
  ]);
  const codes = statements.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining([`of-merged:${merged}`, `of-merged:${earlier}`, 'contact']));
  expect(codes.filter((code) => code === 'delivery:accepted')).toHaveLength(2);
  expect(codes).not.toContain('not-in-audience');

  // Of the one between: their own, and what was sent to whom was merged into them.
  expect((await explained(campaignId, merged)).deliveries).toMatchObject([
    { mergedId: null },
    { mergedId: earlier },
  ]);
  expect((await explained(campaignId, earlier)).deliveries).toMatchObject([{ mergedId: null }]);
});

test('a member whose wave has not come to them yet is said to wait, whatever a merged number was sent', async () => {
  const { app, identity } = database.db;
  const { campaignId, profileIds } = await seedCampaign(database.db, { people: 2 });
  const [kept = 0, merged = 0] = profileIds;
  await app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, settled_at)
    values (${campaignId}, 'first', ${merged}, 'w1', 'a', 'habitues', 'email', 'accepted', now())`;
  await identity.begin((tx) =>
    mergeProfiles(tx, 'a pepper', { kept, merged, reason: 'by hand', source: 'test', by: 'anne' }),
  );
  const codes = (await explained(campaignId, kept)).statements.map(({ code }) => code);
  expect(codes).toEqual(
    expect.arrayContaining(['in-audience', 'no-wave', `of-merged:${merged}`, 'delivery:accepted']),
  );
});
