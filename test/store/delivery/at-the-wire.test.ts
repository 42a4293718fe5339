import { DateTime } from 'luxon';
import { isComplete } from '../../../domain/delivery/arithmetic';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeChannel, fakeSender, inAnHour, fromNth } from '../../support/delivery-bench';
import { fromNow, HOUR_MS, policy, prefers } from '../../support/gate';
import { seedCampaign } from '../../support/seed-campaign';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

const ACCEPTED = { kind: 'accepted', providerId: 'x' } as const;
const MINUTE_MS = 60_000;

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await database.close();
});

const reasons = () =>
  database.db.app<{ state: string; reason: string | null; n: number }[]>`
    select state, reason, count(*) as n from deliveries group by 1, 2 order by 1, 2`;

/** Open to e-mail on the weekday of this local day alone. */
const openOn = (day: DateTime, to = '24:00') =>
  policy(database.db, 'quiet-hours', 'fr', {
    market: 'FR',
    channel: 'email',
    open: { [day.setLocale('en').toFormat('ccc').toLowerCase()]: [{ from: '00:00', to }] },
  });

describe.each([{ idempotent: false }, { idempotent: true }])('a provider: %p', ({ idempotent }) => {
  it('an hour that closes while a batch waits holds the rest of it for the next opening', async () => {
    const today = DateTime.now().setZone('Europe/Paris');
    const closes = today.plus({ minutes: 2 }).startOf('minute');
    await openOn(today, closes.hasSame(today, 'day') ? closes.toFormat('HH:mm') : '24:00');
    const campaign = await seedCampaign(database.db, { people: 40 });
    const clock = Date.now;
    const close = async (): Promise<void> => {
      await openOn(today.plus({ days: 2 }));
      jest.spyOn(Date, 'now').mockImplementation(() => clock() + 3 * MINUTE_MS);
    };
    const closing = fromNth(10, close);
    const email = fakeChannel<'email'>(
      async (_, nth) => {
        await closing(nth);
        return ACCEPTED;
      },
      { connections: 4, idempotent },
    );
    const { activities } = deliveryBench(database.db, campaign, { email });
    const wave = await planTestWave(activities, campaign);
    const deadline = fromNow(72 * HOUR_MS).toISOString();
    await wave.run(deadline);
    // Those on the wire as it closed finish.
    expect(email.handed.length).toBeGreaterThanOrEqual(10);
    expect(email.handed.length).toBeLessThan(10 + 2 * email.connections);
    const went = email.handed.length;
    await wave.run(deadline);
    expect(email.handed).toHaveLength(went);
    expect(await reasons()).toEqual([
      { state: 'accepted', reason: null, n: went },
      { state: 'planned', reason: 'quiet-hours', n: 40 - went },
    ]);
    expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
  });
});

it('a pause and a refused topic that come while a batch waits hold it, and the gate says until when', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, { people: 60, scenario: { topic: 'theatre' } });
  const [pausing, refusing] = [campaign.profileIds.slice(30, 40), campaign.profileIds.slice(40, 50)];
  const until = fromNow(HOUR_MS * 2);
  const change = async (): Promise<void> => {
    for (const id of pausing) await prefers(db, id, { pausedUntil: until });
    for (const id of refusing) await prefers(db, id, { refusedTopics: ['theatre'] });
  };
  const changing = fromNth(10, change);
  const sender = fakeSender(async (_, nth) => {
    await changing(nth);
    return ACCEPTED;
  }, 4);
  const { activities } = deliveryBench(db, campaign, sender);
  const wave = await planTestWave(activities, campaign);
  await wave.run();
  expect(sender.handed).toHaveLength(40);
  await wave.run(fromNow(24 * HOUR_MS).toISOString());
  expect(await reasons()).toEqual([
    { state: 'accepted', reason: null, n: 40 },
    { state: 'planned', reason: 'paused', n: 10 },
    { state: 'skipped', reason: 'topic-refused', n: 10 },
  ]);
  await db.app`update preferences set paused_until = null where profile_id = any(${pausing}::bigint[])`;
  await db.app`update deliveries set not_before = null where state = 'planned'`;
  await wave.run(inAnHour());
  expect(sender.handed).toHaveLength(50);
  expect(isComplete(await activities.waveCounts(wave.ref))).toBe(true);
  expect(await contactsOutOfStep(db, campaign.campaignId)).toBe(0);
});
