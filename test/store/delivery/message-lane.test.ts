import { setTimeout as sleep } from 'node:timers/promises';
import { BREAKER_FAULTS } from '../../../domain/delivery/breaker';
import { RELAY_UNREACHABLE } from '../../../domain/delivery/retry-policy';
import type { OutgoingEmail, SendOutcome } from '../../../domain/delivery/ports';
import { countsByWave } from '../../../store/delivery/counts';
import { createDeliveryStore } from '../../../store/delivery-store';
import { createMessagesStore } from '../../../store/messages-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { fakeSender } from '../../support/delivery-bench';
import { askMessage, openTriggered, startLane, whenSettled } from '../../support/message-lane';
import type { SeededCampaign } from '../../support/seed-campaign';

let database: FreshDatabase;
let campaigns = 0;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await freshDatabase(12);
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(() => database.close());

const messages = () => createMessagesStore(database.db);
const openCampaign = () => openTriggered(database.db, `clane${(campaigns += 1)}`);
const settled = (messageId: string) => whenSettled(database.db, messageId);
const ask = (campaign: SeededCampaign, person: number, deadlineSeconds?: number) =>
  askMessage(database.db, campaign, person, deadlineSeconds === undefined ? {} : { deadlineSeconds });

/** A lane of two connections, with a provider of the test's own. */
function lane(
  campaign: SeededCampaign,
  behave?: (email: OutgoingEmail, nth: number) => SendOutcome | Promise<SendOutcome>,
) {
  const sender = fakeSender(behave, 2);
  const { broken, stop } = startLane(database.db, {
    campaigns: [campaign],
    senders: { email: sender },
    more: { breakerFaults: { ...BREAKER_FAULTS, email: 1 } },
  });
  stops.push(stop);
  return { sender, broken, stop };
}

test('each asking is one message, also several to the same person, and each is a row of the ledger', async () => {
  const campaign = await openCampaign();
  const { sender } = lane(campaign);
  const asked = await Promise.all([0, 0, 0, 1, 2].map((person) => ask(campaign, person)));
  const ends = await Promise.all(asked.map(({ messageId }) => settled(messageId)));
  expect(ends.map((end) => end?.state)).toEqual(Array(5).fill('accepted'));
  expect(new Set(sender.handed.map((mail) => mail.deliveryId)).size).toBe(5);
  const [row] = await database.db.app<{ n: number; contacts: number }[]>`
    select count(*) as n, (select count(*) from contacts where campaign_id = ${campaign.campaignId}) as contacts
    from deliveries where campaign_id = ${campaign.campaignId}`;
  expect(row).toEqual({ n: 5, contacts: 5 });
});

test('it meets the gate: who refused service messages, whose address is dead, and what came too late', async () => {
  const campaign = await openCampaign();
  const [refuser, dead, late] = campaign.profileIds;
  await database.db.app`
    insert into consent_state (profile_id, purpose, channel, granted, event_id, at)
    values (${refuser ?? 0}, 'service', 'email', false, 1, now())
    on conflict (profile_id, purpose, channel) do update set granted = false`;
  await database.db.app`
    insert into suppressions (fingerprint, reason) select email_fp, 'hard-bounce' from profiles where id = ${dead ?? 0}`;
  const first = await ask(campaign, 0);
  const second = await ask(campaign, 1);
  const third = await ask(campaign, 2, 1);
  await database.db.app`
    update messages set deadline_at = now() - interval '1 second' where id = ${third.messageId} and profile_id = ${late ?? 0}`;
  const { sender } = lane(campaign);
  expect([
    (await settled(first.messageId))?.reason,
    (await settled(second.messageId))?.reason,
    (await settled(third.messageId))?.reason,
  ]).toEqual(['no-consent', 'suppressed', 'deadline']);
  expect(sender.handed).toEqual([]);
});

test('what a dead lane left on the wire is uncertain and never sent again; what it had only claimed goes', async () => {
  const campaign = await openCampaign();
  const { messageId } = await ask(campaign, 0);
  const waiting = await ask(campaign, 1);
  await database.db.app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state)
    values (${campaign.campaignId}, ${`m.${messageId}`}, ${campaign.profileIds[0] ?? 0}, 'messages', 'a', 'habitues', 'email', 'sending'),
      (${campaign.campaignId}, ${`m.${waiting.messageId}`}, ${campaign.profileIds[1] ?? 0}, 'messages', 'a', 'habitues', 'email', 'claimed')`;
  const { sender } = lane(campaign);
  expect((await settled(messageId))?.state).toBe('uncertain');
  expect((await settled(waiting.messageId))?.state).toBe('accepted');
  expect(sender.handed).toHaveLength(1);
});

test('a second lane stands by and takes over when the first one ends', async () => {
  const campaign = await openCampaign();
  const first = lane(campaign);
  const second = lane(campaign);
  await settled((await ask(campaign, 0)).messageId);
  await settled((await ask(campaign, 1)).messageId);
  expect([first.sender.handed.length, second.sender.handed.length].sort()).toEqual([0, 2]);
  await (first.sender.handed.length > 0 ? first : second).stop();
  await settled((await ask(campaign, 2)).messageId);
  expect(first.sender.handed.length + second.sender.handed.length).toBe(3);
});

test('a held campaign keeps its messages; resumed, they go', async () => {
  const campaign = await openCampaign();
  const { sender } = lane(campaign);
  await database.db.app`update campaigns set hold = 'paused' where id = ${campaign.campaignId}`;
  const { messageId } = await ask(campaign, 0);
  await sleep(300);
  expect(sender.handed).toEqual([]);
  await database.db.app`update campaigns set hold = 'run' where id = ${campaign.campaignId}`;
  expect((await settled(messageId))?.state).toBe('accepted');
});

test('an aborted campaign skips what was not sent, and its numbers add up', async () => {
  const campaign = await openCampaign();
  const { campaignId } = campaign;
  const { messageId } = await ask(campaign, 0);
  await database.db.app`update campaigns set hold = 'aborted' where id = ${campaignId}`;
  await createDeliveryStore(database.db).closeAborted(campaignId);
  expect(await settled(messageId)).toMatchObject({ state: 'skipped', reason: 'aborted' });
  expect(await countsByWave(database.db.app, campaignId)).toMatchObject([
    { step: 'message', wave: 'messages', planned: 1, skipped: 1, open: 0 },
  ]);
});

test('what a dead lane left on the wire of an aborted campaign ends too, by a lane or without one', async () => {
  const onWire = async (campaign: SeededCampaign, messageId: string) => {
    await database.db.app`
      insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state)
      values (${campaign.campaignId}, ${`m.${messageId}`}, ${campaign.profileIds[0] ?? 0}, 'messages', 'a', 'habitues', 'email', 'sending')`;
    await database.db.app`update campaigns set hold = 'aborted' where id = ${campaign.campaignId}`;
  };
  const store = createDeliveryStore(database.db);
  const alone = await openCampaign();
  const first = await ask(alone, 0);
  await onWire(alone, first.messageId);
  expect(await store.closeAborted(alone.campaignId)).toEqual({ closed: 0, busy: 0 });
  expect((await settled(first.messageId))?.state).toBe('uncertain');

  const attended = await openCampaign();
  const second = await ask(attended, 0);
  await onWire(attended, second.messageId);
  const { sender } = lane(attended);
  expect((await settled(second.messageId))?.state).toBe('uncertain');
  expect(sender.handed).toEqual([]);
});

test('a provider that fails and fails is left alone, and somebody is called', async () => {
  const campaign = await openCampaign();
  const { sender, broken } = lane(campaign, () => ({ kind: 'retry', code: RELAY_UNREACHABLE }));
  await ask(campaign, 0);
  for (const giveUp = Date.now() + 8_000; broken.length === 0 && Date.now() < giveUp;) await sleep(20);
  expect(broken).toEqual([campaign.campaignId]);
  const handed = sender.handed.length;
  await sleep(500);
  expect(sender.handed).toHaveLength(handed);
});

test('only an approved, open, triggered campaign takes messages, with the values it declares', async () => {
  const campaign = await openCampaign();
  const { campaignId } = campaign;
  await expect(
    messages().create({ campaignId, profileId: campaign.profileIds[0] ?? 0, values: { x: '1' }, by: 'shop' }),
  ).rejects.toMatchObject({ code: 'invalid-request', faults: [{ path: '/values/x' }] });
  await expect(messages().create({ campaignId, profileId: 0, values: {}, by: 'shop' })).rejects.toMatchObject(
    {
      code: 'not-found',
    },
  );
  await database.db.app`update campaigns set approved_hash = null where id = ${campaignId}`;
  await expect(ask(campaign, 0)).rejects.toMatchObject({ code: 'conflict' });
  await database.db.app`update campaigns set "end" = 'completed' where id = ${campaignId}`;
  await expect(ask(campaign, 0)).rejects.toMatchObject({ code: 'campaign-ended' });
});
