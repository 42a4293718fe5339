import { isComplete } from '../../../domain/delivery/arithmetic';
import type { SendOutcome } from '../../../domain/delivery/ports';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign, seedConsent, seedPeople } from '../../support/seed-campaign';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

/** By the delivery's id: so the row that is written can be told from its neighbours. */
function answerTo(deliveryId: number): SendOutcome {
  if (deliveryId % 7 === 0) return { kind: 'retry', code: '450' };
  if (deliveryId % 5 === 0) return { kind: 'failed', code: '550 5.1.1' };
  return { kind: 'accepted', providerId: `p"${deliveryId}\\` };
}

it('hundreds of answers at once are each written to their own row', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, { people: 400 });
  const sender = fakeSender(({ deliveryId }) => answerTo(deliveryId), 400);
  const { activities } = deliveryBench(db, campaign, sender, { batchSize: 500 });
  const wave = await planTestWave(activities, campaign);
  await wave.run();
  const rows = await db.app<{ id: number; state: string; code: string | null; provider_id: string | null }[]>`
    select id, state, code, provider_id from deliveries order by id`;
  expect(rows).toHaveLength(400);
  for (const { id, state, code, provider_id } of rows) {
    const answer = answerTo(id);
    expect({ id, state, code, provider_id }).toEqual(
      answer.kind === 'accepted'
        ? { id, state: 'accepted', code: null, provider_id: answer.providerId }
        : {
            id,
            state: answer.kind === 'failed' ? 'failed' : 'planned',
            code: answer.code,
            provider_id: null,
          },
    );
  }
  expect(await contactsOutOfStep(db, campaign.campaignId)).toBe(0);
});

it.each([
  { people: 'neighbours', every: 1 },
  { people: 'strangers', every: 20 },
])('the gate answers $people of a batch alike', async ({ every }) => {
  const { db } = database;
  const everybody = await seedPeople(db, 60 * every);
  const people = everybody.filter((_, at) => at % every === 0);
  const campaign = await seedCampaign(db, { people });
  await seedConsent(db, everybody, 'promotion');
  await seedConsent(db, people.slice(10, 20), 'promotion', false);
  await db.app`
    insert into suppressions (fingerprint, reason)
    select email_fp, 'complaint' from profiles where id = any(${people.slice(20, 30)}::bigint[])`;
  await db.app`
    insert into policies (kind, key, definition)
    values ('cap', 'week', ${db.app.json({ nature: 'promotion', limit: 1, windowDays: 7 })})`;
  await db.app`
    insert into contacts (profile_id, at, nature, channel, department, source)
    select id, now() - interval '1 day', 'promotion', 'email', 'crm', 'other'
    from unnest(${people.slice(30, 40)}::bigint[]) id`;
  const sender = fakeSender(() => ({ kind: 'accepted', providerId: 'p' }), 60);
  const { activities } = deliveryBench(db, campaign, sender, { batchSize: 500 });
  const wave = await planTestWave(activities, campaign);
  await wave.run();
  const found = await db.app<{ reason: string | null; ids: number[] }[]>`
    select reason, array_agg(profile_id order by profile_id) as ids from deliveries group by reason order by reason nulls first`;
  expect(found).toEqual([
    { reason: null, ids: [...people.slice(0, 10), ...people.slice(40)] },
    { reason: 'cap:week', ids: people.slice(30, 40) },
    { reason: 'no-consent', ids: people.slice(10, 20) },
    { reason: 'suppressed', ids: people.slice(20, 30) },
  ]);
  expect(isComplete(await activities.waveCounts(wave.ref))).toBe(true);
});

it('who has a row of the step from another wave is not written to by the next', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, { people: 30 });
  const sender = fakeSender();
  const { activities } = deliveryBench(db, campaign, sender);
  const first = await planTestWave(activities, campaign, { wave: 'w1' });
  const second = await planTestWave(activities, campaign, { wave: 'w2' });
  expect(await Promise.all([first.run(), second.run()])).toEqual([['done'], ['done']]);
  const rows = await db.app<{ people: number; n: number }[]>`
    select count(distinct profile_id) as people, count(*) as n from deliveries`;
  expect([...rows]).toEqual([{ people: 30, n: 30 }]);
  expect(sender.handed).toHaveLength(30);
  expect(await contactsOutOfStep(db, campaign.campaignId)).toBe(0);
});
