import { setTimeout as sleep } from 'node:timers/promises';
import { createSendingTools } from '../activities/delivery';
import type { DeliveryDeps } from '../activities/delivery/deps';
import { createLinkSigner } from '../adapters/links/signer';
import { createLinkUrls } from '../adapters/links/urls';
import { compileCreative } from '../adapters/renderer/personalise';
import { createMimeCompiler } from '../adapters/smtp/compiled-mime';
import { createSmtpSender } from '../adapters/smtp/smtp-sender';
import { createDeliveryStore } from '../store/delivery-store';
import { createMessagesStore } from '../store/messages-store';
import { deliveryBench, fakeSenders, inAnHour, SEED_BRAND } from '../test/support/delivery-bench';
import { seedCampaign, seedPeople } from '../test/support/seed-campaign';
import { planTestWave } from '../test/support/wave';
import { runMessageLane } from '../worker/message-lane';
import type { Bench, PreparedBench } from './bench';
import { benchDatabase, type BenchDatabase } from './database';
import { benchMail } from './mails';
import { startBenchRelay, type BenchRelay } from './smtp-relay';

/** Messages asked for each second while the campaign is sent. */
const ASKED_PER_SECOND = 20;
const CONNECTIONS = { campaign: 8, lane: 2 } as const;

export const messagesBench: Bench = {
  name: 'messages',
  workload: `service messages, ${ASKED_PER_SECOND} a second, from being asked for to the provider’s answer (99th percentile), while a campaign of n is sent in the same process`,
  against: null,
  defaultN: 100_000,
  unit: 'seconds',
  reach: { atMost: 1 },
  prepare: async (n, say): Promise<PreparedBench> => {
    const database = await benchDatabase();
    const relay = await startBenchRelay({ tls: false });
    say(`  ${n} people; mails go to ${relay.name}`);
    const profileIds = await seedPeople(database.db, n);
    const asked: number[] = [];
    let round = 0;
    return {
      ours: () => p99(database, relay, profileIds, `cround${(round += 1)}`, asked),
      reference: null,
      notes: () => [`${asked.join(', ')} messages a round, to ${relay.name}`],
      close: async () => {
        await relay.close();
        await database.close();
      },
    };
  },
};

async function p99(
  { db, owner }: BenchDatabase,
  relay: BenchRelay,
  profileIds: readonly number[],
  campaignId: string,
  asked: number[],
): Promise<number> {
  await owner`truncate contacts, deliveries, consent_events, consent_state, messages cascade`;
  const words = benchMail(4.2, 9);
  const seeded = await seedCampaign(db, { campaignId, people: profileIds });
  const campaign = { ...seeded, creatives: seeded.creatives.map((c) => ({ ...c, ...words })) };
  const triggered = await seedCampaign(db, {
    campaignId: `${campaignId}m`,
    people: [profileIds[0] ?? 0],
    nature: 'service',
    scenario: { kind: 'triggered', triggered: { periodSeconds: 3_600 } },
  });
  await db.app`update campaigns set approved_hash = 'h' where id = ${triggered.campaignId}`;
  await db.app`insert into campaign_stages (campaign_id, stage) values (${triggered.campaignId}, 'rollout')`;
  await owner`vacuum analyze`;

  const url = `smtp://127.0.0.1:${relay.port}?tls=off`;
  const senders = [CONNECTIONS.campaign, CONNECTIONS.lane].map((connections) =>
    createSmtpSender({ url, connections }),
  );
  const [campaignSender = fakeSenders({}).email, laneSender = fakeSenders({}).email] = senders;
  const composing = {
    compile: compileCreative,
    compileMime: createMimeCompiler(),
    brandOf: () => SEED_BRAND,
  };
  const { activities } = deliveryBench(db, campaign, campaignSender, composing);
  const stopping = new AbortController();
  const deps: DeliveryDeps = {
    store: createDeliveryStore(db),
    senders: fakeSenders({ email: laneSender }),
    creatives: {
      forSending: () => Promise.resolve(triggered.creatives.map((c) => ({ ...c, ...words }))),
    },
    ...composing,
    urls: createLinkUrls(createLinkSigner('a secret of the bench'), 'http://127.0.0.1:8080'),
    heartbeat: () => {},
    cancelled: () => stopping.signal.aborted,
  };
  const messages = createMessagesStore(db);
  const lane = runMessageLane({
    deps,
    tools: createSendingTools(deps),
    messages,
    log: { warn: () => {} },
    onBreaker: () => Promise.resolve(),
    signal: stopping.signal,
  });

  const wave = await planTestWave(activities, campaign);
  const queue = [...wave.shards];
  let sending = true;
  const shardLane = async (): Promise<void> => {
    for (let shard = queue.shift(); shard !== undefined; shard = queue.shift())
      await activities.sendShard({ ...wave.ref, shard, deadlineAt: inAnHour() });
  };
  const sent = Promise.all([shardLane(), shardLane()]).finally(() => {
    sending = false;
  });
  let count = 0;
  for (let at = Date.now(); sending; at += 1_000 / ASKED_PER_SECOND) {
    const profileId = profileIds[(count * 97) % profileIds.length] ?? 0;
    await messages.create({ campaignId: triggered.campaignId, profileId, values: {}, by: 'bench' });
    count += 1;
    await sleep(Math.max(0, at + 1_000 / ASKED_PER_SECOND - Date.now()));
  }
  await sent;
  const figure = await whenSettled(db, triggered.campaignId, count);
  stopping.abort();
  await lane;
  await Promise.all(senders.map((sender) => sender.close()));
  asked.push(count);
  return figure;
}

/** Throws where a message is not accepted within ten seconds of the last: a lost one must not make the figure better. */
async function whenSettled(db: BenchDatabase['db'], campaignId: string, count: number): Promise<number> {
  for (const giveUp = Date.now() + 10_000; Date.now() < giveUp; await sleep(100)) {
    const [row] = await db.app<{ n: number; p99: number }[]>`
      select count(*) as n,
        percentile_cont(0.99) within group (order by extract(epoch from d.settled_at - m.created_at))::float8 as p99
      from messages m join deliveries d on d.campaign_id = m.campaign_id and d.step = 'm.' || m.id
      where m.campaign_id = ${campaignId} and d.state = 'accepted'`;
    if (row?.n === count) return row.p99;
  }
  throw new Error('not every message was accepted');
}
