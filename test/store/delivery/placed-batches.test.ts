import { setTimeout as sleep } from 'node:timers/promises';
import { isComplete } from '../../../domain/delivery/arithmetic';
import type { OutgoingByChannel } from '../../../domain/delivery/ports';
import { createDeliveryStore } from '../../../store/delivery-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeChannel, inAnHour } from '../../support/delivery-bench';
import { seedTwoChannels } from '../../support/seed-channels';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

const PEOPLE = 60;
const BATCH = 20;

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.close());

/** A provider that knows a message again, with a place for each message of one batch. */
async function placed(beforeTheWire: (ids: readonly number[], batch: number) => Promise<void>) {
  const { db } = database;
  const { campaign, creatives } = await seedTwoChannels(db, {
    campaignId: 'cplaced22222',
    people: PEOPLE,
    scenario: { channels: ['sms'] },
  });
  const real = createDeliveryStore(db);
  const asSending: boolean[] = [];
  let batches = 0;
  const store: typeof real = {
    ...real,
    claim: async (session, input) => {
      const answer = await real.claim(session, input);
      if (answer.claimed.length > 0) asSending.push(input.sending === true);
      return answer;
    },
    recipientsFor: async (claimed, channels) => {
      batches += 1;
      await beforeTheWire(
        claimed.map(({ profileId }) => profileId),
        batches,
      );
      return real.recipientsFor(claimed, channels);
    },
  };
  const states = new Set<string>();
  const sms = fakeChannel<'sms'>(
    async ({ deliveryId }: OutgoingByChannel['sms']) => {
      const [row] = await db.app<{ state: string }[]>`select state from deliveries where id = ${deliveryId}`;
      states.add(row?.state ?? 'none');
      return { kind: 'accepted', providerId: `p${deliveryId}` };
    },
    { connections: BATCH, idempotent: true },
  );
  const { activities } = deliveryBench(
    db,
    campaign,
    { sms },
    { store, batchSize: BATCH, creatives: { forSending: () => Promise.resolve(creatives) } },
  );
  const wave = await planTestWave(activities, campaign);
  return { campaign, creatives, store: real, activities, wave, sms, asSending, states };
}

const open = () =>
  database.db.app<{ state: string; n: number }[]>`
    select state, count(*) as n from deliveries where settled_at is null group by state order by state`;

it('goes out without a mark, each message once, and every batch finds its places again', async () => {
  const { campaign, activities, wave, sms, asSending, states } = await placed(() => Promise.resolve());
  expect(await wave.run()).toEqual(['done']);
  expect(asSending).toEqual([true, true, true]);
  expect([...states]).toEqual(['sending']);
  expect(new Set(sms.handed.map(({ deliveryId }) => deliveryId)).size).toBe(PEOPLE);
  expect(sms.handed).toHaveLength(PEOPLE);
  expect(isComplete(await activities.waveCounts(wave.ref))).toBe(true);
  expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
});

it('a pause between the claim and the wire lets none of it out, and gives rows, contacts and places back', async () => {
  const { db } = database;
  const { campaign, activities, wave, sms, asSending } = await placed(async (_, batch) => {
    if (batch === 2) await db.app`update campaigns set hold = 'paused'`;
  });
  expect(await wave.run()).toEqual(['paused']);
  expect(sms.handed).toHaveLength(BATCH);
  expect(await open()).toEqual([{ state: 'planned', n: BATCH }]);
  expect(await contactsOutOfStep(db, campaign.campaignId)).toBe(0);
  await db.app`update campaigns set hold = 'run'`;
  expect(await wave.run()).toEqual(['done']);
  expect(sms.handed).toHaveLength(PEOPLE);
  expect(asSending.every(Boolean)).toBe(true);
  expect(isComplete(await activities.waveCounts(wave.ref))).toBe(true);
});

it('who says no while the batch waits is asked again, and goes back to the gate', async () => {
  const { db } = database;
  const { campaign, activities, wave, sms } = await placed(async (ids, batch) => {
    if (batch !== 2) return;
    await db.app`
      update consent_state set granted = false where profile_id = any(${ids.slice(0, 5)}::bigint[]) and channel = 'sms'`;
    await sleep(1_050);
  });
  await wave.run();
  expect(sms.handed).toHaveLength(PEOPLE - 5);
  await wave.run();
  expect(sms.handed).toHaveLength(PEOPLE - 5);
  const counts = await activities.waveCounts(wave.ref);
  expect(counts).toMatchObject({ accepted: PEOPLE - 5, skipped: 5 });
  expect(isComplete(counts)).toBe(true);
  expect(await contactsOutOfStep(db, campaign.campaignId)).toBe(0);
});

it('what a dead attempt left as `sending` is sent by the next, and a lost lock clears nobody', async () => {
  const { db } = database;
  const { campaign, creatives, store, activities, wave, sms } = await placed(() => Promise.resolve());
  const [shard] = wave.shards;
  const session = await store.openSession({ ...wave.ref, shard: 0 });
  if (session === null || shard === undefined) throw new Error('no session');
  const claim = await store.claim(session, {
    terms: await store.waveTerms(wave.ref),
    deadlineAt: new Date(inAnHour()),
    source: 'new',
    range: shard,
    cursor: shard.from - 1,
    limit: BATCH,
    creatives,
    sending: true,
  });
  const ids = claim.claimed.map(({ id }) => id);
  expect(await open()).toEqual([{ state: 'sending', n: BATCH }]);
  expect(await store.cleared(session, campaign.campaignId, ids, null)).toEqual(ids);
  const elsewhere = { ...session, backendPid: session.backendPid + 1 };
  expect(await store.cleared(elsewhere, campaign.campaignId, ids, null)).toEqual([]);
  await session.close();
  expect(await wave.run()).toEqual(['done']);
  expect(sms.handed).toHaveLength(PEOPLE);
  expect(isComplete(await activities.waveCounts(wave.ref))).toBe(true);
  expect(await contactsOutOfStep(db, campaign.campaignId)).toBe(0);
});
