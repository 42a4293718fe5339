import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import nodemailer from 'nodemailer';
import { compileCreative } from '../adapters/renderer/personalise';
import { createMimeCompiler } from '../adapters/smtp/compiled-mime';
import { createDkimSigner } from '../adapters/smtp/dkim';
import { createSmtpSender } from '../adapters/smtp/smtp-sender';
import { deliveryBench, inAnHour, SEED_BRAND } from '../test/support/delivery-bench';
import { seedCampaign, seedPeople } from '../test/support/seed-campaign';
import { planTestWave } from '../test/support/wave';
import type { Bench, PreparedBench } from './bench';
import { benchDatabase, type BenchDatabase } from './database';
import { benchMail, benchPerson } from './mails';
import { timed } from './run';
import { startBenchRelay, type BenchRelay } from './smtp-relay';

/** Of ours; the pool is at its best with 20 on the machines tried. */
const CONNECTIONS = 40;
const POOL_CONNECTIONS = 20;
/** As the wave has it. */
const SHARDS_AT_ONCE = 2;
const [SELECTOR, DOMAIN] = ['bench', SEED_BRAND.sender.address.split('@')[1] ?? ''];
const MAIL = benchMail(4.2, 9);

interface Seals {
  readonly tls: boolean;
  readonly dkim: boolean;
}

const bench = (name: string, words: string, seals: Seals): Bench => ({
  name,
  workload: `n e-mails of about 5 kB, personalised, through the gate and the ledger, two shards at once${words}`,
  against: `a bare loop of nodemailer’s pool (maxConnections ${POOL_CONNECTIONS}), the same mails, no database`,
  defaultN: 20_000,
  unit: 'per second',
  reach: { atLeast: 4 },
  prepare: (n, say) => prepare(n, seals, say),
});

export const deliveryBenches: readonly Bench[] = [
  bench('delivery', '', { tls: false, dkim: false }),
  bench('delivery-sealed', '; TLS and DKIM (RSA-2048) on both sides', { tls: true, dkim: true }),
];

async function prepare(n: number, seals: Seals, say: (words: string) => void): Promise<PreparedBench> {
  const database = await benchDatabase();
  const relay = await startBenchRelay(seals).catch(async (fault: unknown) => {
    await database.close();
    throw fault;
  });
  say(`  ${n} people; mails go to ${relay.name}`);
  const profileIds = await people(database, n);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const key = seals.dkim ? privateKey : null;
  let round = 0;
  return {
    ours: () => ours(database, relay, key, profileIds, `cbench${String((round += 1)).padStart(6, 'a')}`),
    reference: () => pool(relay, key, n),
    notes: () => [`to ${relay.name}, over ${CONNECTIONS} connections`],
    close: async () => {
      await relay.close();
      await database.close();
    },
  };
}

async function people({ db, owner }: BenchDatabase, n: number): Promise<number[]> {
  const ids = await seedPeople(db, n);
  const named = ids.map((id, at) => ({ id, ...benchPerson(at) }));
  await owner`
    update identity.people p set first_name = x.first, last_name = x.last, city = x.city
    from unnest(${ids}::bigint[], ${named.map((p) => p.firstName)}::text[], ${named.map((p) => p.lastName)}::text[], ${named.map((p) => p.city)}::text[])
      as x (id, first, last, city)
    where p.profile_id = x.id`;
  return ids;
}

/** Everything a wave does but Temporal: plan, gate, ledger, personalise, send, record. */
async function ours(
  { db, owner }: BenchDatabase,
  relay: BenchRelay,
  key: KeyObject | null,
  profileIds: readonly number[],
  campaignId: string,
): Promise<number> {
  await owner`truncate contacts, deliveries, consent_events, consent_state cascade`;
  const seeded = await seedCampaign(db, {
    campaignId,
    people: profileIds,
    openTracking: 0.5,
    arms: [{ key: 'a' }, { key: 'b' }],
  });
  const campaign = { ...seeded, creatives: seeded.creatives.map((c) => ({ ...c, ...MAIL })) };
  const sender = createSmtpSender({
    url: `smtp://127.0.0.1:${relay.port}?tls=${relay.ca === null ? 'off' : 'require'}`,
    connections: CONNECTIONS,
    ...(relay.ca === null ? {} : { ca: relay.ca }),
    ...(key === null ? {} : { dkim: createDkimSigner([{ domain: DOMAIN, selector: SELECTOR, key }]) }),
  });
  const { activities } = deliveryBench(db, campaign, sender, {
    compile: compileCreative,
    compileMime: createMimeCompiler(),
    brandOf: () => SEED_BRAND,
  });
  await owner`vacuum analyze`;
  await owner`checkpoint`;
  const seconds = await timed(async () => {
    const wave = await planTestWave(activities, campaign);
    const queue = [...wave.shards];
    const lane = async (): Promise<void> => {
      for (let shard = queue.shift(); shard !== undefined; shard = queue.shift())
        await activities.sendShard({ ...wave.ref, shard, deadlineAt: inAnHour() });
    };
    await Promise.all(Array.from({ length: SHARDS_AT_ONCE }, lane));
  });
  await sender.close();
  const [row] = await db.app<{ n: number }[]>`select count(*) as n from deliveries where state = 'accepted'`;
  if (row?.n !== profileIds.length) throw new Error(`${row?.n} of ${profileIds.length} were accepted`);
  return profileIds.length / seconds;
}

async function pool(relay: BenchRelay, key: KeyObject | null, n: number): Promise<number> {
  const fill = compileCreative(MAIL);
  const transport = nodemailer.createTransport({
    pool: true,
    host: '127.0.0.1',
    port: relay.port,
    maxConnections: POOL_CONNECTIONS,
    maxMessages: Infinity,
    ...(relay.ca === null ? { ignoreTLS: true } : { requireTLS: true, tls: { ca: relay.ca } }),
    ...(key === null
      ? {}
      : {
          dkim: {
            domainName: DOMAIN,
            keySelector: SELECTOR,
            privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
          },
        }),
  });
  const url = (path: string, at: number): string =>
    `http://127.0.0.1:8080/${path}/${String(at).padStart(28, 'x')}`;
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < n; at = next++) {
      const { subject, html, text } = fill(benchPerson(at), {
        links: [url('t/c', at), url('t/c', at)],
        unsubscribeUrl: url('u', at),
        pixelUrl: at % 2 ? url('t/o', at) : null,
      });
      await transport.sendMail({
        from: SEED_BRAND.sender,
        to: `p${at}@example.test`,
        subject,
        html,
        text,
        headers: {
          'List-Unsubscribe': `<${url('u', at)}>`,
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
      });
    }
  };
  const seconds = await timed(async () => void (await Promise.all(Array.from({ length: 60 }, lane))));
  transport.close();
  return n / seconds;
}
