import { setTimeout as sleep } from 'node:timers/promises';
import { openCampaign } from '../../../activities/delivery/send-messages';
import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import { LANE_KEY } from '../../../store/delivery/claim-messages';
import { createDeliveryStore } from '../../../store/delivery-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeChannel } from '../../support/delivery-bench';
import { ledger, policy, said } from '../../support/gate';
import { askMessage, openTriggered } from '../../support/message-lane';
import { seedCampaign, type SeededCampaign } from '../../support/seed-campaign';
import { seedTwoChannels } from '../../support/seed-channels';
import { smtpStandIn } from '../../support/smtp-stand-in';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

/** Whatever a message waits for, the person's no is asked for after it. */
let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase(12);
});
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  await database.close();
});

const ACCEPTED = { kind: 'accepted', providerId: 'x' } as const;

/** As a call to the objection route does: to every purpose, and to the address. */
async function objects(profileId: number): Promise<void> {
  await database.db.app`update consent_state set granted = false where profile_id = ${profileId}`;
  await database.db.app`
    insert into suppressions (fingerprint, reason) select email_fp, 'objection' from profiles where id = ${profileId}`;
}

const first = ({ profileIds }: SeededCampaign): number => profileIds[0] ?? 0;

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const giveUp = Date.now() + 8_000; !(await holds()); await sleep(5))
    if (Date.now() > giveUp) throw new Error('it never came to that');
}

const isClaimed = async (campaignId: string): Promise<boolean> =>
  (await database.db.app`select from deliveries where campaign_id = ${campaignId} and state = 'claimed'`)
    .length > 0;

/** A relay of one connection that keeps the first message until it is let go. */
function slowRelay() {
  let letGo = (): void => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const email = fakeChannel<'email'>(
    async (_, nth) => {
      if (nth === 1) await held;
      return ACCEPTED;
    },
    { connections: 1 },
  );
  return { email, letGo: () => letGo() };
}

it('a batch that waits for a slot', async () => {
  const { db } = database;
  const before = await seedCampaign(db, { campaignId: 'cbefore', people: 1 });
  const campaign = await seedCampaign(db, { campaignId: 'cwaits', people: 1 });
  const { email, letGo } = slowRelay();
  const { activities } = deliveryBench(db, [before, campaign], { email });
  const ahead = (await planTestWave(activities, before)).run();
  await until(() => email.handed.length === 1);
  const wave = await planTestWave(activities, campaign);
  const waits = wave.run();
  await until(() => isClaimed('cwaits'));
  await objects(first(campaign));
  letGo();
  await Promise.all([ahead, waits]);
  expect(email.handed).toHaveLength(1);
  await wave.run();
  expect(said(await ledger(db, 'cwaits', 'first'))).toEqual(['skipped suppressed']);
  expect(await contactsOutOfStep(db, 'cwaits')).toBe(0);
});

it('a service message that waits for a slot', async () => {
  const { db } = database;
  const before = await seedCampaign(db, { campaignId: 'cbefore', people: 1 });
  const service = await openTriggered(db, 'cserve', 1);
  const { email, letGo } = slowRelay();
  const { activities, deps, tools, store } = deliveryBench(db, [before, service], { email });
  const ahead = (await planTestWave(activities, before)).run();
  await until(() => email.handed.length === 1);
  await askMessage(db, service, 0);
  const session = await store.openSession(LANE_KEY);
  if (session === null) throw new Error('the lane is taken');
  const { claim } = await openCampaign({ deps, tools }, session, 'cserve');
  const { claimed, send } = await claim({ limit: 5 });
  const flights = claimed.map((one) => send(one, { enter: () => 0, leave: () => {} }));
  expect(flights).toHaveLength(1);
  await sleep(50);
  await objects(first(service));
  letGo();
  await Promise.all([...flights, ahead]);
  expect(email.handed).toHaveLength(1);
  await session.close();
});

it('a batch that waits for the provider’s next token', async () => {
  const { db } = database;
  await policy(db, 'rate', 'all', { channel: 'email', perSecond: 2, burst: 1 });
  const campaign = await seedCampaign(db, { campaignId: 'crate', people: 2 });
  const last = campaign.profileIds[1] ?? 0;
  const email = fakeChannel<'email'>(
    async () => {
      await objects(last);
      return ACCEPTED;
    },
    { connections: 4 },
  );
  const { activities } = deliveryBench(db, campaign, { email });
  await (await planTestWave(activities, campaign)).run();
  expect(email.handed).toHaveLength(1);
});

it('a batch whose relay takes its time to greet', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, { campaignId: 'cgreet', people: 2 });
  const relay = await smtpStandIn({ greeting: { afterMs: 400, say: '220 at last' } });
  const email = createSmtpSender({ url: relay.url, connections: 2 });
  open.push(email, relay);
  const { activities } = deliveryBench(db, campaign, { email });
  const run = (await planTestWave(activities, campaign)).run();
  await until(() => relay.connections() > 0);
  await objects(first(campaign));
  await run;
  expect(relay.bodies).toHaveLength(1);
  expect(said(await ledger(db, 'cgreet', 'first'))).toEqual(['planned changed', 'accepted ']);
});

it('a batch that looks up what became of messages before it', async () => {
  const { db } = database;
  const campaign = await seedCampaign(db, { campaignId: 'clooks', people: 2 });
  const last = campaign.profileIds[1] ?? 0;
  let free = (): void => {};
  const busy = new Promise<void>((resolve) => (free = resolve));
  let locked: Promise<unknown> = Promise.resolve();
  const email = fakeChannel<'email'>(
    async (_, nth) => {
      if (nth > 1) return ACCEPTED;
      // Whoever asks for events waits: what is told of the message that failed is among them.
      await new Promise<void>((taken) => {
        locked = db.app.begin(async (tx) => {
          await tx`lock table events in access exclusive mode`;
          taken();
          await busy;
        });
      });
      return { kind: 'failed', code: '550 5.1.1' };
    },
    { connections: 1 },
  );
  const { activities } = deliveryBench(db, campaign, { email });
  const run = (await planTestWave(activities, campaign)).run();
  await until(
    async () =>
      (await db.app`select from pg_locks where relation = 'events'::regclass and not granted`).length > 0,
  );
  await objects(last);
  free();
  await Promise.all([run, locked]);
  expect(email.handed).toHaveLength(1);
});

it.each([
  ['whose addresses take their time', 1_100, 1, (id: number) => objects(id)],
  [
    'held a moment later',
    0,
    0,
    async () => void (await database.db.app`update campaigns set hold = 'paused' where id = 'cplaced'`),
  ],
])('a batch that its claim wrote as sending, %s', async (_, afterMs, go, change) => {
  const { db } = database;
  const { campaign, creatives } = await seedTwoChannels(db, {
    campaignId: 'cplaced',
    people: 2,
    scenario: { channels: ['sms'] },
  });
  const sms = fakeChannel<'sms'>(() => ACCEPTED, { connections: 10, idempotent: true });
  const store = createDeliveryStore(db);
  const recipientsFor: typeof store.recipientsFor = async (...asked) => {
    expect(await db.app`select from deliveries where state = 'sending'`).toHaveLength(2);
    await change(first(campaign));
    await sleep(afterMs);
    return store.recipientsFor(...asked);
  };
  const { activities } = deliveryBench(
    db,
    campaign,
    { sms },
    {
      batchSize: 5,
      creatives: { forSending: () => Promise.resolve(creatives) },
      store: { ...store, recipientsFor },
    },
  );
  await (await planTestWave(activities, campaign)).run();
  expect(sms.handed).toHaveLength(go);
  expect(await contactsOutOfStep(db, 'cplaced')).toBe(0);
});
