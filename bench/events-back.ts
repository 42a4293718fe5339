import { seedCampaign, seedPeople } from '../test/support/seed-campaign';
import { startBenchApi } from './api-process';
import type { Bench, PreparedBench } from './bench';
import { cpuSecondsOf } from './cpu';
import { benchDatabase, type BenchDatabase } from './database';
import { startClients, type Answered } from './events-back-clients';
import { coresOf, percentile, waitsOf } from './waits';

const SECONDS = 60;
/** Of each person. */
const PAST_EVENTS = 10;
const LINK_SECRET = 'a link secret for the bench alone';
const WEBHOOK_SECRET = 'a webhook secret for the bench alone';

export const eventsBackBench: Bench = {
  name: 'events-back',
  workload: `n a second for ${SECONDS} s over HTTP, half provider webhooks and half tracked clicks: seconds from when each was due to its answer, after its commit (99th percentile); lost and doubled ones are faults`,
  against: 'the same at half the rate',
  defaultN: 1_000,
  unit: 'seconds',
  // Twice as many may not wait more than twice as long.
  reach: { atMost: 2 },
  prepare: async (n, say): Promise<PreparedBench> => {
    const closing: (() => unknown)[] = [];
    const close = async (): Promise<void> => {
      for (const end of closing.reverse()) await end();
    };
    try {
      const database = await benchDatabase();
      closing.push(database.close);
      const api = await startBenchApi({
        DATABASE_URL: database.url,
        BOUCLE_LINK_SECRET: LINK_SECRET,
        PROVIDER_WEBHOOK_SECRET: WEBHOOK_SECRET,
      });
      closing.push(api.close);
      const clients = startClients('events-back');
      closing.push(clients.close);
      const ids = await deliveries(database, Math.ceil((n * SECONDS) / 2));
      say(`  ${ids.length} messages; api, PostgreSQL and clients in processes of their own`);

      const asked = { port: api.port, secrets: { link: LINK_SECRET, webhook: WEBHOOK_SECRET } };
      const seen: string[] = [];
      /** Answers the 99th percentile, in seconds. */
      const run = async (some: readonly number[], rate: number): Promise<number> => {
        await forget(database);
        const before = [cpuSecondsOf(api.pid), cpuSecondsOf(database.pid)] as const;
        const answered = await clients.run({ ...asked, ids: some, rate });
        const cpu = {
          api: cpuSecondsOf(api.pid) - before[0],
          PostgreSQL: cpuSecondsOf(database.pid) - before[1],
          clients: answered.cpuSeconds,
        };
        await checkKept(database, some.length, answered);
        seen.push(`at ${rate} a second: ${waitsOf(answered)}; cores: ${coresOf(cpu, answered.seconds)}`);
        return percentile(answered.waitsMs, 0.99) / 1_000;
      };
      // Plans are made and code is compiled before anybody is timed.
      await run(ids.slice(0, 1_000), 500);
      seen.length = 0;
      return {
        ours: () => run(ids, n),
        reference: () => run(ids.slice(0, ids.length / 2), n / 2),
        notes: () => [...seen, 'wanted: 99 % under 50 ms; none lost, none counted twice'],
        close,
      };
    } catch (fault) {
      await close();
      throw fault;
    }
  },
};

/**
 * Messages accepted an hour ago, so that a click is a person's, to people who have `PAST_EVENTS` behind them: among no
 * events at all every statement is a short one.
 */
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
  await owner`
    insert into events (id, profile_id, type, at)
    select format('past.%s.%s', p, n), p, case n % 2 when 0 then 'message.clicked' else 'message.delivered' end,
      now() - make_interval(days => n)
    from unnest(${[...profileIds]}::bigint[]) p, generate_series(1, ${PAST_EVENTS}::int) n`;
  await owner`vacuum analyze`;
  return rows.map((row) => row.id);
}

/** What a run before wrote. */
async function forget({ owner }: BenchDatabase): Promise<void> {
  await owner`delete from events where delivery_id is not null`;
  await owner`vacuum analyze events`;
  await owner`checkpoint`;
}

/** Each click and each provider event once, whatever was answered. */
async function checkKept(
  { db }: BenchDatabase,
  messages: number,
  { faults, calls }: Answered,
): Promise<void> {
  if (faults.length > 0) throw new Error(`${faults.length} of ${calls} failed, one with ${faults[0]}`);
  const kept = await db.app<{ type: string; n: number }[]>`
    select type, count(*) as n from events where delivery_id is not null group by type order by type`;
  const found = kept.map(({ type, n }) => `${type} ${n}`).join(', ');
  const wanted = `message.clicked ${messages}, message.delivered ${messages}`;
  if (found !== wanted) throw new Error(`wanted ${wanted}; the database has ${found}`);
}
