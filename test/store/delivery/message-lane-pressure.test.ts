import { setTimeout as sleep } from 'node:timers/promises';
import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import type { SendOutcome } from '../../../domain/delivery/ports';
import { createPoliciesStore } from '../../../store/policies-store';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { deliveryBench, fakeChannel, fakeSender, inAnHour } from '../../support/delivery-bench';
import { askMessage, openTriggered, startLane, whenSettled } from '../../support/message-lane';
import { seedCampaign, seedPeople, type SeededCampaign } from '../../support/seed-campaign';
import { smtpStandIn } from '../../support/smtp-stand-in';
import { planTestWave } from '../../support/wave';

const ACCEPTED = { kind: 'accepted', providerId: 'x' } as const;

let database: FreshDatabase;
const ends: (() => Promise<void>)[] = [];

beforeEach(async () => {
  database = await freshDatabase(12);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await database.close();
});

const settled = (messageId: string) => whenSettled(database.db, messageId);
const moveTo = (profileId: number | undefined, domain: string) =>
  database.db.identity`
    update identity.people set email = 'p' || profile_id || '@' || ${domain} where profile_id = ${profileId ?? 0}`;

/** In the order they were handed over. */
const handedTo = (campaign: SeededCampaign, emails: readonly { to: { address: string } }[]): number[] =>
  emails.map(({ to }) => campaign.profileIds.findIndex((id) => to.address.startsWith(`p${id}@`)));

describe('a server that hangs', () => {
  it('holds up nobody else: other domains go while their neighbours’ mails are still without an answer', async () => {
    const campaign = await openTriggered(database.db, 'changing', 28);
    const hanging = campaign.profileIds.slice(0, 20);
    for (const id of hanging) await moveTo(id, 'tarpit.example.test');
    const relay = await smtpStandIn({
      body: (_, line) => (line.includes('@tarpit.') ? null : '250 2.0.0 Ok: queued as Q'),
    });
    ends.push(relay.close);
    const email = createSmtpSender({ url: `${relay.url}?tls=off`, connections: 4, answerTimeoutMs: 60_000 });
    ends.push(email.close);
    ends.push(startLane(database.db, { campaigns: [campaign], senders: { email } }).stop);

    for (const person of hanging.keys()) await askMessage(database.db, campaign, person);
    await sleep(200);
    for (let person = 20; person < 28; person += 1) {
      const began = Date.now();
      expect((await settled((await askMessage(database.db, campaign, person)).messageId))?.state).toBe(
        'accepted',
      );
      expect(Date.now() - began).toBeLessThan(2_000);
    }
    // The half of the connections an unknown domain may have, and no row more, is with it.
    const states = async (): Promise<Record<string, number>> => {
      const rows = await database.db.app<{ state: string; n: number }[]>`
        select state, count(*) as n from deliveries where profile_id = any(${hanging}::bigint[]) group by state`;
      return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
    };
    // One more may be looked at just now, and is put off again.
    let seen = await states();
    for (const giveUp = Date.now() + 5_000; seen.planned !== 18 && Date.now() < giveUp;)
      seen = await states();
    expect(seen).toEqual({ sending: 2, planned: 18 });
    // Cut off: nobody knows of those two, and they are not sent again.
    await relay.close();
    for (const giveUp = Date.now() + 8_000; (await states()).uncertain !== 2 && Date.now() < giveUp;)
      await sleep(50);
    expect(await states()).toMatchObject({ uncertain: 2 });
    expect(relay.bodies.filter((body) => body.includes('@tarpit.'))).toHaveLength(2);
  }, 30_000);

  it('on one channel leaves the others as fast as they were', async () => {
    const byMail = await openTriggered(database.db, 'cbymail', 6);
    const people = await seedPeople(database.db, 1);
    const byPost = await seedCampaign(database.db, {
      campaignId: 'cbysms',
      people,
      nature: 'service',
      scenario: { kind: 'triggered', triggered: { periodSeconds: 3_600 }, channels: ['sms'] },
    });
    await database.db.app`update campaigns set approved_hash = 'h' where id = 'cbysms'`;
    await database.db.app`insert into campaign_stages (campaign_id, stage) values ('cbysms', 'rollout')`;
    await database.db.app`update profiles set phone_fp = 'fp' where id = ${people[0] ?? 0}`;
    await database.db
      .identity`update identity.people set phone = '+33612345678' where profile_id = ${people[0] ?? 0}`;
    const answers: ((outcome: SendOutcome) => void)[] = [];
    const email = fakeSender(() => new Promise((resolve) => answers.push(resolve)), 4);
    const sms = fakeChannel<'sms'>();
    const smsCampaign = {
      ...byPost,
      creatives: byPost.creatives.map((creative) => ({ ...creative, channel: 'sms' as const })),
    };
    const lane = startLane(database.db, {
      campaigns: [byMail],
      senders: { email, sms },
      more: {
        creatives: {
          forSending: (id) =>
            Promise.resolve(id === byMail.campaignId ? byMail.creatives : smsCampaign.creatives),
        },
      },
    });
    ends.push(lane.stop);
    for (let person = 0; person < 6; person += 1) {
      await moveTo(byMail.profileIds[person], `d${person}.example.test`);
      await askMessage(database.db, byMail, person);
    }
    for (const giveUp = Date.now() + 5_000; answers.length < 4 && Date.now() < giveUp;) await sleep(10);
    expect(answers).toHaveLength(4);
    const { messageId } = await askMessage(database.db, byPost, 0);
    expect(await settled(messageId)).toMatchObject({ state: 'accepted', channel: 'sms' });
    // No more on the wire than there are connections, until one of them is free.
    expect(email.handed).toHaveLength(4);
    answers[0]?.(ACCEPTED);
    for (const giveUp = Date.now() + 5_000; answers.length < 5 && Date.now() < giveUp;) await sleep(10);
    expect(email.handed).toHaveLength(5);
    while (answers.length < 6) {
      for (const answer of answers) answer(ACCEPTED);
      await sleep(10);
    }
    for (const answer of answers) answer(ACCEPTED);
  }, 30_000);
});

describe('a provider’s rate', () => {
  it('that a campaign uses up to the last token leaves service messages theirs', async () => {
    await createPoliciesStore(database.db.app).put(
      'rate',
      'all',
      { channel: 'email', perSecond: 2, burst: 40 },
      'test',
    );
    const batch = await seedCampaign(database.db, { campaignId: 'cbatch', people: 60 });
    const triggered = await openTriggered(database.db, 'cservice', batch.profileIds);
    const bulk = fakeSender();
    let stopped = false;
    const { activities } = deliveryBench(database.db, batch, bulk, { cancelled: () => stopped });
    const wave = await planTestWave(activities, batch);
    const [shard] = wave.shards;
    if (shard === undefined) throw new Error('no shard');
    const running = activities.sendShard({ ...wave.ref, shard, deadlineAt: inAnHour() }).catch(() => null);
    for (const giveUp = Date.now() + 5_000; bulk.handed.length < 36 && Date.now() < giveUp;) await sleep(10);
    // The campaign waits for two a second now; a tenth of the burst is kept.
    const began = Date.now();
    const email = fakeSender();
    ends.push(startLane(database.db, { campaigns: [triggered], senders: { email } }).stop);
    const asked = await Promise.all([0, 1, 2, 3].map((n) => askMessage(database.db, triggered, n)));
    for (const { messageId } of asked) expect((await settled(messageId))?.state).toBe('accepted');
    expect(Date.now() - began).toBeLessThan(1_500);
    expect(bulk.handed.length).toBeLessThan(45);

    // The reserve is used up: the next tokens are the lane's, the campaign gets none meanwhile.
    const before = bulk.handed.length;
    const { messageId } = await askMessage(database.db, triggered, 4);
    expect((await settled(messageId))?.state).toBe('accepted');
    await sleep(500);
    expect(bulk.handed.length).toBeLessThanOrEqual(before + 1);
    stopped = true;
    await running;
  }, 30_000);
});

describe('in turn', () => {
  it('the oldest of each caller goes first, whoever asks for many at once', async () => {
    const campaign = await openTriggered(database.db, 'cfair', 9);
    for (const person of [0, 1, 2, 3, 4, 5]) await askMessage(database.db, campaign, person, { by: 'many' });
    for (const person of [6, 7]) await askMessage(database.db, campaign, person, { by: 'few' });
    const last = await askMessage(database.db, campaign, 8, { by: 'one' });
    const email = fakeSender(undefined, 1);
    ends.push(startLane(database.db, { campaigns: [campaign], senders: { email } }).stop);
    await settled(last.messageId);
    for (const giveUp = Date.now() + 5_000; email.handed.length < 9 && Date.now() < giveUp;) await sleep(10);
    const order = handedTo(campaign, email.handed);
    expect(new Set(order).size).toBe(9);
    const callerOf = (person: number): string => (person < 6 ? 'many' : person < 8 ? 'few' : 'one');
    expect(order.slice(0, 3).map(callerOf).sort()).toEqual(['few', 'many', 'one']);
    expect(order.slice(3, 5).map(callerOf).sort()).toEqual(['few', 'many']);
    for (const caller of ['many', 'few']) {
      const own = order.filter((person) => callerOf(person) === caller);
      expect(own).toEqual(own.toSorted((x, y) => x - y));
    }
  }, 30_000);

  it('a campaign with thousands waiting delays another’s single message by no more than what is under way', async () => {
    const busy = await openTriggered(database.db, 'cbusy', 1);
    const quiet = await openTriggered(database.db, 'cquiet', 1);
    await database.db.app`
      insert into messages (id, campaign_id, profile_id, created_by, deadline_at)
      select 'mbusy' || n, ${busy.campaignId}, p, 'shop', now() + interval '1 day'
      from unnest(${await seedPeople(database.db, 2_000)}::bigint[]) with ordinality as x (p, n)`;
    const email = fakeSender(() => sleep(20).then(() => ACCEPTED), 2);
    ends.push(startLane(database.db, { campaigns: [busy, quiet], senders: { email } }).stop);
    for (const giveUp = Date.now() + 5_000; email.handed.length < 10 && Date.now() < giveUp;) await sleep(10);
    const before = email.handed.length;
    const { messageId } = await askMessage(database.db, quiet, 0);
    expect((await settled(messageId))?.state).toBe('accepted');
    const address = `p${quiet.profileIds[0]}@example.test`;
    const at = email.handed.findIndex(({ to }) => to.address === address);
    expect(at - before).toBeLessThan(10);
    expect(email.handed.length).toBeLessThan(1_000);
  }, 30_000);
});
