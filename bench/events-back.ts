import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLinkSigner } from '../adapters/links/signer';
import { signWebhook } from '../adapters/webhooks/signature';
import { seedCampaign, seedPeople } from '../test/support/seed-campaign';
import { startBenchApi, type BenchApi } from './api-process';
import type { Bench, PreparedBench } from './bench';
import { benchDatabase, type BenchDatabase } from './database';

const SECONDS = 60;
const LINK_SECRET = 'a link secret for the bench alone';
const WEBHOOK_SECRET = 'a webhook secret for the bench alone';
/** Every tenth event of the provider is told again, at once: it must not count twice. */
const TOLD_AGAIN = 10;
const SOCKETS = 128;
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

export const eventsBackBench: Bench = {
  name: 'events-back',
  workload: `n a second for ${SECONDS} s over HTTP, half provider webhooks and half tracked clicks: seconds from when each was due to its answer, after its commit (99th percentile); lost and doubled ones are faults`,
  against: 'the same at half the rate',
  defaultN: 1_000,
  unit: 'seconds',
  // Twice as many may not wait more than twice as long.
  reach: { atMost: 2 },
  prepare: async (n, say): Promise<PreparedBench> => {
    const database = await benchDatabase();
    const api = await startBenchApi({
      DATABASE_URL: database.url,
      BOUCLE_LINK_SECRET: LINK_SECRET,
      PROVIDER_WEBHOOK_SECRET: WEBHOOK_SECRET,
    }).catch(async (fault: unknown) => {
      await database.close();
      throw fault;
    });
    const ids = await deliveries(database, Math.ceil((n * SECONDS) / 2));
    say(`  ${ids.length} messages, api and PostgreSQL in processes of their own`);
    // Plans are made and code is compiled before anybody is timed.
    await run(database, api, ids.slice(0, 1_000), 500);
    const p99s: number[] = [];
    return {
      ours: async () => {
        const p99 = await run(database, api, ids, n);
        p99s.push(p99);
        return p99;
      },
      reference: () => run(database, api, ids.slice(0, ids.length / 2), n / 2),
      notes: () => [
        `99th percentile at ${n} a second: ${p99s.map((s) => `${Math.round(s * 1_000)} ms`).join(', ')} (wanted: under 50 ms)`,
        'none lost, none counted twice',
      ],
      close: async () => {
        await api.close();
        await database.close();
      },
    };
  },
};

/** Accepted an hour ago, so that a click is a person's. */
async function deliveries({ db, owner }: BenchDatabase, count: number): Promise<number[]> {
  const { campaignId, creatives, profileIds } = await seedCampaign(db, {
    campaignId: 'cbenchback22',
    people: await seedPeople(db, count),
  });
  const rows = await db.app<{ id: number }[]>`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, creative_id, state, gated_at, settled_at)
    select ${campaignId}, 'first', p, 'w1', 'a', 'habitues', 'email', ${creatives[0]?.creativeId ?? 0}, 'accepted',
      now() - interval '1 hour', now() - interval '1 hour'
    from unnest(${[...profileIds]}::bigint[]) p returning id`;
  await owner`vacuum analyze`;
  return rows.map((row) => row.id);
}

/** One click and one provider event a message, at `rate` a second together. Answers the 99th percentile, in seconds. */
async function run(
  { db, owner }: BenchDatabase,
  api: BenchApi,
  ids: readonly number[],
  rate: number,
): Promise<number> {
  await owner`truncate events`;
  await owner`checkpoint`;
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });
  const signer = createLinkSigner(LINK_SECRET);
  const calls = ids.flatMap((id, n) => {
    const told = () => deliveredCall(id);
    return [() => clickCall(signer.click(id, 0)), told, ...(n % TOLD_AGAIN === 0 ? [told] : [])];
  });
  const waits: number[] = [];
  const faults: string[] = [];
  const underWay: Promise<void>[] = [];
  const began = performance.now();
  for (const [n, call] of calls.entries()) {
    // Due at its own time, whatever became of the ones before: a slow server is not asked more slowly.
    const dueMs = began + (n * 1_000) / rate;
    const early = dueMs - performance.now();
    if (early > 1) await sleep(early);
    underWay.push(
      answer(agent, api.url, call()).then(
        () => void waits.push((performance.now() - dueMs) / 1_000),
        (fault: unknown) => void faults.push(String(fault)),
      ),
    );
  }
  await Promise.all(underWay);
  agent.destroy();
  if (faults.length > 0) throw new Error(`${faults.length} of ${calls.length} failed, one with ${faults[0]}`);
  const kept = await db.app<
    { type: string; n: number }[]
  >`select type, count(*) as n from events group by type order by type`;
  const found = kept.map(({ type, n }) => `${type} ${n}`).join(', ');
  const wanted = `message.clicked ${ids.length}, message.delivered ${ids.length}`;
  if (found !== wanted) throw new Error(`wanted ${wanted}; the database has ${found}`);
  waits.sort((a, b) => a - b);
  return waits[Math.floor(waits.length * 0.99)] ?? NaN;
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly status: number;
}

const clickCall = (token: string): Call => ({
  method: 'GET',
  path: `/t/c/${token}`,
  headers: { 'user-agent': BROWSER },
  body: null,
  status: 302,
});

function deliveredCall(deliveryId: number): Call {
  const at = new Date().toISOString();
  const body = JSON.stringify({ events: [{ type: 'delivered', id: `p-${deliveryId}`, at, deliveryId }] });
  const timestamp = String(Math.floor(Date.now() / 1_000));
  return {
    method: 'POST',
    path: '/webhooks/email',
    headers: {
      'content-type': 'application/json',
      'x-boucle-timestamp': timestamp,
      'x-boucle-signature': signWebhook({ secret: WEBHOOK_SECRET, timestamp, body }),
    },
    body,
    status: 200,
  };
}

const answer = (agent: Agent, url: string, call: Call): Promise<void> =>
  new Promise((resolve, reject) => {
    const asked = request(
      `${url}${call.path}`,
      { agent, method: call.method, headers: { ...call.headers } },
      (response) => {
        response.resume();
        response.once('error', reject);
        response.once('end', () =>
          response.statusCode === call.status
            ? resolve()
            : reject(new Error(`${call.path.split('/')[1]} answered ${response.statusCode}`)),
        );
      },
    );
    asked.once('error', reject);
    asked.end(call.body ?? undefined);
  });
