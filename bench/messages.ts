import { setTimeout as sleep } from 'node:timers/promises';
import { compileCreative } from '../adapters/renderer/personalise';
import { createMimeCompiler } from '../adapters/smtp/compiled-mime';
import { createSmtpSender } from '../adapters/smtp/smtp-sender';
import { createMessagesStore } from '../store/messages-store';
import { createPoliciesStore } from '../store/policies-store';
import { deliveryBench, inAnHour, SEED_BRAND } from '../test/support/delivery-bench';
import { openTriggered, startLane } from '../test/support/message-lane';
import { seedCampaign, seedPeople, type SeededCampaign } from '../test/support/seed-campaign';
import { planTestWave } from '../test/support/wave';
import type { Bench, PreparedBench } from './bench';
import { benchDatabase, type BenchDatabase } from './database';
import { benchMail } from './mails';
import { startBenchRelay, TARPIT } from './smtp-relay';

/** Messages asked for each second while the campaign is sent. */
const ASKED_PER_SECOND = 20;
/** One message in so many is for somebody whose server takes it and never answers. */
const TARPIT_EVERY = 20;
const CONNECTIONS = { campaign: 8, lane: 16 } as const;
/** Below what the campaign could do, so that its bucket is empty from the first second on; a small n lasts as well. */
const rateFor = (n: number) =>
  ({ channel: 'email', perSecond: Math.min(500, Math.ceil(n / 40)), burst: 100 }) as const;

/** From being asked for to the provider's answer in the ledger, seconds. */
interface Round {
  readonly asked: number;
  readonly p50: number;
  readonly p99: number;
  readonly hung: number;
  readonly campaignPerSecond: number;
}

export const messagesBench: Bench = {
  name: 'messages',
  workload:
    `service messages, ${ASKED_PER_SECOND} a second, from being asked for to the provider’s answer (99th percentile), while ` +
    `a campaign of n is sent in the same process and uses up the provider’s rate (500 a second at most); the server of one ` +
    `recipient in ${TARPIT_EVERY} hangs`,
  against: null,
  defaultN: 100_000,
  unit: 'seconds',
  reach: { atMost: 1 },
  prepare: async (n, say): Promise<PreparedBench> => {
    const database = await benchDatabase();
    say(`  ${n} people`);
    const people = await seedPeople(database.db, n);
    const atTarpit = people.filter((_, nth) => nth % TARPIT_EVERY === 0);
    await database.db.identity`
      update identity.people set email = 'p' || profile_id || '@' || ${TARPIT} where profile_id = any(${atTarpit}::bigint[])`;
    await createPoliciesStore(database.db.app).put('rate', 'all', rateFor(n), 'bench');
    const rounds: Round[] = [];
    return {
      ours: async () => {
        const round = await measured(database, people, `cround${rounds.length + 1}`);
        rounds.push(round);
        return round.p99;
      },
      reference: null,
      notes: () =>
        rounds.map(
          ({ asked, p50, p99, hung, campaignPerSecond }) =>
            `${asked} messages, ${hung} to servers that hang; the others p50 ${p50.toFixed(3)} s, p99 ${p99.toFixed(3)} s; ` +
            `the campaign went at ${Math.round(campaignPerSecond)} a second`,
        ),
      close: database.close,
    };
  },
};

async function measured(
  { db, owner }: BenchDatabase,
  people: readonly number[],
  campaignId: string,
): Promise<Round> {
  await owner`truncate contacts, deliveries, consent_events, consent_state, messages, rate_buckets cascade`;
  const words = benchMail(4.2, 9);
  const saying = (seeded: SeededCampaign) => ({
    ...seeded,
    creatives: seeded.creatives.map((creative) => ({ ...creative, ...words })),
  });
  const campaign = saying(await seedCampaign(db, { campaignId, people }));
  const triggered = saying(await openTriggered(db, `${campaignId}m`, people.slice(0, 1)));
  await owner`vacuum analyze`;

  const relays = {
    campaign: await startBenchRelay({ tls: false }),
    lane: await startBenchRelay({ tls: false, tarpit: true }),
  };
  const senderTo = (side: 'campaign' | 'lane') =>
    createSmtpSender({
      url: `smtp://127.0.0.1:${relays[side].port}?tls=off`,
      connections: CONNECTIONS[side],
    });
  const senders = { campaign: senderTo('campaign'), lane: senderTo('lane') };
  const composing = {
    compile: compileCreative,
    compileMime: createMimeCompiler(),
    brandOf: () => SEED_BRAND,
  };
  const { activities } = deliveryBench(db, campaign, senders.campaign, composing);
  const lane = startLane(db, {
    campaigns: [triggered],
    senders: { email: senders.lane },
    more: composing,
    restMs: 1_000,
  });

  const wave = await planTestWave(activities, campaign);
  const queue = [...wave.shards];
  const began = Date.now();
  let seconds = 0;
  const shardLane = async (): Promise<void> => {
    for (let shard = queue.shift(); shard !== undefined; shard = queue.shift())
      await activities.sendShard({ ...wave.ref, shard, deadlineAt: inAnHour() });
  };
  const sent = Promise.all([shardLane(), shardLane()]).finally(() => {
    seconds = (Date.now() - began) / 1_000;
  });
  const messages = createMessagesStore(db);
  let asked = 0;
  for (let at = began; seconds === 0; at += 1_000 / ASKED_PER_SECOND) {
    const profileId = people[(asked * 97) % people.length] ?? 0;
    await messages.create({ campaignId: triggered.campaignId, profileId, values: {}, by: 'bench' });
    asked += 1;
    await sleep(Math.max(0, at + 1_000 / ASKED_PER_SECOND - Date.now()));
  }
  await sent;
  const times = await whenSettled(db, triggered.campaignId);
  // What still hangs ends with it.
  await Promise.all(Object.values(relays).map((relay) => relay.close()));
  await lane.stop();
  await Promise.all(Object.values(senders).map((sender) => sender.close()));
  return { asked, hung: asked - times.n, campaignPerSecond: people.length / seconds, ...times };
}

/** Throws where a message is not accepted within ten seconds of the last: a lost one must not make the figure better. */
async function whenSettled(
  db: BenchDatabase['db'],
  campaignId: string,
): Promise<{ n: number; p50: number; p99: number }> {
  const answering = await db.identity<{ id: string }[]>`
    select m.id from messages m join identity.people p using (profile_id)
    where m.campaign_id = ${campaignId} and p.email not like ${`%@${TARPIT}`}`;
  const ids = answering.map(({ id }) => id);
  for (const giveUp = Date.now() + 10_000; Date.now() < giveUp; await sleep(100)) {
    const [row] = await db.app<{ n: number; p50: number; p99: number }[]>`
      select count(*) as n,
        percentile_cont(0.5) within group (order by extract(epoch from d.settled_at - m.created_at))::float8 as p50,
        percentile_cont(0.99) within group (order by extract(epoch from d.settled_at - m.created_at))::float8 as p99
      from messages m join deliveries d on d.campaign_id = m.campaign_id and d.step = 'm.' || m.id
      where m.id = any(${ids}::text[]) and d.state = 'accepted'`;
    if (row?.n === ids.length) return row;
  }
  throw new Error('not every message was accepted');
}
