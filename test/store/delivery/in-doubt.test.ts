import type { SendOutcome } from '../../../domain/delivery/ports';
import { settleMany } from '../../../store/delivery/settle';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeChannel } from '../../support/delivery-bench';
import { consent, ledger, policy, throughGate } from '../../support/gate';
import { openTriggered, askMessage } from '../../support/message-lane';
import { seedTwoChannels, type TwoChannelCampaign } from '../../support/seed-channels';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

let database: FreshDatabase;
let two: TwoChannelCampaign;
beforeEach(async () => {
  database = await freshDatabase(4);
  two = await seedTwoChannels(database.db, {
    campaignId: 'cdoubt',
    people: 3,
    scenario: { channels: ['sms', 'email'] },
  });
  await database.db.app`insert into campaign_budgets (campaign_id, limit_micros) values ('cdoubt', 1000000)`;
});
afterEach(() => database.close());

const ACCEPTED: SendOutcome = { kind: 'accepted', providerId: 'q' };
const SILENCE: SendOutcome = { kind: 'retry', code: 'no-answer' };
const SMS_MICROS = 45_000;

function worker(bySms: (nth: number) => SendOutcome = () => ACCEPTED) {
  const senders = {
    sms: fakeChannel<'sms'>((_, nth) => bySms(nth), { idempotent: true, connections: 3 }),
    email: fakeChannel<'email'>(() => ACCEPTED),
  };
  const { activities, store } = deliveryBench(database.db, two.campaign, senders, {
    creatives: { forSending: () => Promise.resolve(two.creatives) },
    outage: { firstMs: 1, mostMs: 1 },
  });
  return { ...senders, activities, store };
}

const round = async ({ activities }: ReturnType<typeof worker>) =>
  (await planTestWave(activities, two.campaign, { wave: 'first-1' })).run();

/** A worker that died with all three on the wire by SMS. */
async function died(): Promise<void> {
  await throughGate(database.db, two.campaign, { creatives: two.creatives });
  await database.db.app`update deliveries set state = 'sending' where state = 'claimed' and channel = 'sms'`;
}

const nobodyMay = (channel: 'sms' | 'email') =>
  Promise.all(two.campaign.profileIds.map((id) => consent(database.db, id, 'promotion', channel, false)));

const rows = async () => {
  const all = await ledger(database.db, 'cdoubt', 'first');
  return all.map(({ state, channel, reason }) => `${state} ${channel} ${reason ?? ''}`.trim());
};

const spent = async (): Promise<number> => {
  const [row] = await database.db.app<{ n: number }[]>`select spent_micros as n from campaign_budgets`;
  return row?.n ?? -1;
};

const dueNow = () => database.db.app`update deliveries set not_before = now() where state = 'planned'`;

it('what may be with its provider is uncertain once it may not be asked again: never skipped, and on no other channel', async () => {
  await died();
  await nobodyMay('sms');
  const { sms, email, ...rest } = worker();
  await round({ sms, email, ...rest });
  expect([sms.handed, email.handed]).toEqual([[], []]);
  expect(await rows()).toEqual(Array(3).fill('uncertain sms in-doubt:no-consent'));
  expect(await contactsOutOfStep(database.db, 'cdoubt')).toBe(0);
  expect(await spent()).toBe(3 * SMS_MICROS);

  // Told later that they were never taken, what they reserved is given back.
  await settleMany(database.db.app, {
    campaignId: 'cdoubt',
    wave: null,
    olderThanSeconds: 0,
    outcome: 'failed',
    by: 'alice',
    evidence: null,
  });
  expect(await spent()).toBe(0);
  expect(await contactsOutOfStep(database.db, 'cdoubt')).toBe(0);
});

it('asked again it counts and costs once, also where a cap or the budget would have room for one alone', async () => {
  await policy(database.db, 'unit-cost', 'sms', { channel: 'sms', microsPerUnit: SMS_MICROS });
  await policy(database.db, 'cap', 'one', { nature: 'promotion', limit: 1, windowDays: 14 });
  await database.db.app`update campaign_budgets set limit_micros = ${3 * SMS_MICROS}`;
  await died();
  const one = worker();
  await round(one);
  expect(await rows()).toEqual(Array(3).fill('accepted sms'));
  expect(one.sms.handed).toHaveLength(3);
  expect(await spent()).toBe(3 * SMS_MICROS);
  expect(await contactsOutOfStep(database.db, 'cdoubt')).toBe(0);
});

it('a person who comes to prefer another channel is asked about on the first, and put off they keep their slot', async () => {
  await died();
  const { app } = database.db;
  await app`insert into preferences (profile_id, preferred_channel, paused_until, updated_by)
    select id, 'email', now() + interval '1 hour', 'test' from profiles where id = any(${[...two.campaign.profileIds]}::bigint[])`;
  const one = worker();
  const wave = await planTestWave(one.activities, two.campaign, { wave: 'first-1' });
  await wave.run(new Date(Date.now() + 7_200_000).toISOString());
  expect(await rows()).toEqual(Array(3).fill('planned sms paused'));
  expect(await contactsOutOfStep(database.db, 'cdoubt')).toBe(0);
  expect(await spent()).toBe(3 * SMS_MICROS);
  await app`update preferences set paused_until = null`;
  await dueNow();
  await wave.run();
  expect(await rows()).toEqual(Array(3).fill('accepted sms'));
  expect(one.email.handed).toEqual([]);
});

it.each([
  ['refused by the gate', async () => void (await nobodyMay('sms')), 'in-doubt:no-consent'],
  [
    'left by an abort',
    async () => void (await database.db.app`update campaigns set hold = 'aborted'`),
    'in-doubt:aborted',
  ],
])('silence is doubt too: %s since', async (_, change, reason) => {
  const one = worker(() => SILENCE);
  await round(one);
  expect(await rows()).toEqual(Array(3).fill('planned sms retry'));
  expect(await contactsOutOfStep(database.db, 'cdoubt')).toBe(0);
  await change();
  await dueNow();
  await round(one);
  expect(await rows()).toEqual(Array(3).fill(`uncertain sms ${reason}`));
  expect(one.email.handed).toEqual([]);
  expect(await contactsOutOfStep(database.db, 'cdoubt')).toBe(0);
});

it('who was silent once and busy ever since has not failed: no other channel is tried', async () => {
  const one = worker((nth) => (nth <= 3 ? SILENCE : { kind: 'retry', code: 'http-503' }));
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await round(one);
    await dueNow();
  }
  expect(await rows()).toEqual(Array(3).fill('uncertain sms http-503'));
  expect(one.email.handed).toEqual([]);
  expect(await contactsOutOfStep(database.db, 'cdoubt')).toBe(0);
});

it('a refusal under the same key ends the doubt: the next channel is free', async () => {
  const one = worker((nth) => (nth <= 3 ? SILENCE : { kind: 'failed', code: '21610' }));
  await round(one);
  await dueNow();
  await round(one);
  await round(one);
  expect(await rows()).toEqual(Array(3).fill('accepted email'));
  expect(await contactsOutOfStep(database.db, 'cdoubt')).toBe(0);
});

it('a row that was only claimed when its worker died is in no doubt', async () => {
  await throughGate(database.db, two.campaign, { creatives: two.creatives });
  await nobodyMay('sms');
  await nobodyMay('email');
  await round(worker());
  expect(await rows()).toEqual(Array(3).fill('skipped sms no-consent'));
  expect(await spent()).toBe(0);
});

it('a service message likewise, and its message is settled', async () => {
  const { db } = database;
  const service = await openTriggered(db, 'cserve', 1);
  const { messageId } = await askMessage(db, service, 0);
  const email = fakeChannel<'email'>(() => ACCEPTED, { idempotent: true });
  const { store } = deliveryBench(db, service, { email });
  const session = await store.openSession({
    campaignId: 'messages',
    step: 'messages',
    wave: 'messages',
    shard: 0,
  });
  if (session === null) throw new Error('the lane is taken');
  const terms = await store.laneTerms('cserve');
  const claim = () => store.claimMessages(session, { terms, limit: 5, creatives: service.creatives });
  await claim();
  await db.app`update deliveries set state = 'sending' where campaign_id = 'cserve'`;
  await db.app`insert into suppressions (fingerprint, reason)
    select email_fp, 'complaint' from profiles where id = ${service.profileIds[0] ?? 0}`;
  await store.reclaimMessages(session, 'cserve', ['email']);
  expect((await claim()).claimed).toEqual([]);
  const [row] = await db.app<{ state: string; reason: string; settled: boolean }[]>`
    select d.state, d.reason, m.settled_at is not null as settled
    from messages m join deliveries d on d.step = 'm.' || m.id where m.id = ${messageId}`;
  expect(row).toEqual({ state: 'uncertain', reason: 'in-doubt:suppressed', settled: true });
  expect(await contactsOutOfStep(db, 'cserve')).toBe(0);
  await session.close();
});
