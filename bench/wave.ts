import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createPoliciesStore } from '../store/policies-store';
import { deliveryBench, fakeSenders } from '../test/support/delivery-bench';
import { seedCampaign } from '../test/support/seed-campaign';
import { localEnv } from '../test/support/temporal';
import { prebuiltWorkflows } from '../worker/workflow-bundle';
import { CAMPAIGN_QUEUE } from '../workflows/campaign/contract';
import { DELIVERY_QUEUE, WAVE_WORKFLOW, type WaveInput, type WaveResult } from '../workflows/wave/contract';
import type { Bench, PreparedBench } from './bench';
import { cpuSecondsOf } from './cpu';
import { benchDatabase, type BenchDatabase } from './database';
import { timed } from './run';

const CAMPAIGN = 'cbenchwaveaa';
/** Two shards at once, a whole batch each. */
const CONNECTIONS = 10_000;
const CAP = { limit: 1, windowDays: 14 } as const;
const MB = 1_048_576;

export const waveBench: Bench = {
  name: 'wave',
  workload:
    'n text messages as one wave through Temporal, the gate (suppression, consent, a cap over past contacts) and the ledger, to a provider that only answers',
  against: 'the same gate and the same rows in one hand-written SQL statement',
  defaultN: 1_000_000,
  unit: 'seconds',
  reach: { atMost: 1.5 },
  prepare,
};

async function prepare(n: number, say: (words: string) => void): Promise<PreparedBench> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
  const database = await benchDatabase();
  const temporal = await localEnv().catch(async (fault: unknown) => {
    await database.close();
    throw fault;
  });
  const close = async (): Promise<void> => {
    await temporal.teardown();
    await database.close();
  };
  try {
    say(`  loading ${n} people and ${n} past contacts`);
    const wave = await load(database, n);
    return await prepared(database, temporal, wave, close);
  } catch (fault) {
    await close();
    throw fault;
  }
}

interface LoadedWave {
  readonly creativeId: number;
  readonly persona: string;
}

/** One in a hundred is suppressed, one in twenty has not agreed, one in ten was written to within the cap's window. */
async function load({ db, owner }: BenchDatabase, n: number): Promise<LoadedWave> {
  const seeded = await seedCampaign(db, {
    campaignId: CAMPAIGN,
    people: [],
    scenario: { channels: ['sms'] },
  });
  const persona = 'habitues';
  await createPoliciesStore(db.app).seedEmptyKinds({
    cap: { 'promotion-14-days': { nature: 'promotion', ...CAP } },
  });
  await owner`
    insert into profiles (area, phone_fp, source)
    select '75', sha256(n::text::bytea), 'bench' from generate_series(1::bigint, ${n}::bigint) n`;
  await owner`
    insert into identity.people (profile_id, first_name, phone)
    select id, 'Camille', '+336' || lpad(id::text, 8, '0') from profiles`;
  await owner`
    insert into consent_state (profile_id, purpose, channel, granted, expires_at, event_id, at)
    select id, 'promotion', 'sms', mod(abs(hashint8(id)), 20) > 0, null, id, now() - interval '1 year' from profiles`;
  await owner`
    insert into suppressions (fingerprint, reason)
    select phone_fp, 'hard-bounce' from profiles where mod(abs(hashint8(id + 1)), 100) = 0`;
  await owner`
    insert into audience_members (campaign_id, profile_id, part, arm, persona, bucket)
    select ${CAMPAIGN}, id, 'test', 'a', ${persona}, mod(id, 10000) from profiles`;
  const [row] = await owner<{ id: number }[]>`
    insert into creatives (campaign_id, step, persona, arm, channel, locale, hash, subject, preheader, html, text, hero, links, status)
    values (${CAMPAIGN}, 'first', ${persona}, 'a', 'sms', 'fr', 'bench', '', '', '', 'Bonjour, une visite vous attend.', 'none', '[]', 'passed')
    returning id`;
  if (row === undefined || seeded.creatives.length === 0) throw new Error('nothing to send');
  return { creativeId: row.id, persona };
}

/** Ledger, reservations and waves as before any of it; what happened before stays. */
async function clean({ owner }: BenchDatabase): Promise<void> {
  await owner`truncate deliveries, contacts, control_gate, waves`;
  await owner`
    insert into contacts (profile_id, at, nature, channel, department, source)
    select id, now() - make_interval(days => case when mod(abs(hashint8(id + 2)), 10) = 0 then 3 else 40 end),
      'promotion', 'sms', 'crm', 'bench' from profiles`;
  await owner`vacuum analyze`;
  await owner`checkpoint`;
}

async function prepared(
  database: BenchDatabase,
  temporal: TestWorkflowEnvironment,
  loaded: LoadedWave,
  close: () => Promise<void>,
): Promise<PreparedBench> {
  const creative = {
    ...loaded,
    arm: 'a',
    channel: 'sms',
    subject: '',
    html: '',
    text: 'Bonjour, une visite vous attend.',
    links: [],
  } as const;
  const answering = {
    connections: CONNECTIONS,
    idempotent: true,
    send: ({ deliveryId }: { readonly deliveryId: number }) =>
      Promise.resolve({ kind: 'accepted', providerId: `p${deliveryId}` } as const),
    close: () => Promise.resolve(),
  };
  const { activities } = deliveryBench(database.db, [], fakeSenders({ sms: answering }), {
    creatives: { forSending: () => Promise.resolve([creative]) },
    heartbeat: (progress) => Context.current().heartbeat(progress),
  });
  const { nativeConnection: connection, client } = temporal;
  const workers = [
    await Worker.create({
      connection,
      taskQueue: CAMPAIGN_QUEUE,
      workflowBundle: prebuiltWorkflows(),
      activities: {},
    }),
    await Worker.create({ connection, taskQueue: DELIVERY_QUEUE, activities }),
  ];
  const running = workers.map((worker) => worker.run());
  const notes: string[] = [];

  const sides = new Map<string, string>();
  const remember = async (side: string): Promise<void> => {
    sides.set(side, await outcomes(database));
    if (new Set(sides.values()).size > 1) throw new Error(`not the same rows: ${JSON.stringify([...sides])}`);
  };

  return {
    ours: async () => {
      await clean(database);
      const workflowId = `bench.wave.${randomUUID()}`;
      const input: WaveInput = {
        campaignId: CAMPAIGN,
        step: 'first',
        wave: 'w1',
        part: 'test',
        buckets: { from: 0, to: 10_000 },
        deadlineSeconds: 172_800,
      };
      const usedBefore = cpuOf(database);
      const seconds = await timed(async () => {
        const result: WaveResult = await client.workflow.execute(WAVE_WORKFLOW, {
          workflowId,
          taskQueue: CAMPAIGN_QUEUE,
          args: [input],
        });
        if (result.outcome !== 'complete') throw new Error(`the wave ended ${result.outcome}`);
      });
      const used = cpuSince(database, usedBefore);
      const residentMb = process.memoryUsage().rss / MB;
      const { historyLength, historySize } = await client.workflow.getHandle(workflowId).describe();
      notes.push(
        `history ${historyLength} events, ${Math.round((historySize ?? 0) / 1024)} kB; this process ${Math.round(residentMb)} MB, ` +
          `${Math.round(heldBytes() / MB)} MB of objects still in use; CPU: database ${used.database.toFixed(1)} s, this process ${used.process.toFixed(1)} s`,
      );
      await remember('ours');
      return seconds;
    },
    reference: async () => {
      await clean(database);
      const usedBefore = cpuOf(database);
      const seconds = await timed(() => handWritten(database, loaded));
      notes.push(`reference: CPU: database ${cpuSince(database, usedBefore).database.toFixed(1)} s`);
      await remember('reference');
      return seconds;
    },
    notes: () => [...notes, `both sides: ${sides.get('ours') ?? '-'}`],
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await close();
    },
  };
}

/** Seconds of the server with its backends, and of this process. */
const cpuOf = ({ pid }: BenchDatabase) => {
  const { user, system } = process.cpuUsage();
  return { database: cpuSecondsOf(pid), process: (user + system) / 1e6 };
};

const cpuSince = (database: BenchDatabase, before: ReturnType<typeof cpuOf>) => {
  const now = cpuOf(database);
  return { database: now.database - before.database, process: now.process - before.process };
};

/** Of the heap, after everything nobody holds any more has been collected. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  return process.memoryUsage().heapUsed;
}

/** Equal for equal people, states and reasons, and as many contacts reserved. */
async function outcomes({ owner }: BenchDatabase): Promise<string> {
  const [row] = await owner<{ said: string }[]>`
    select (select string_agg(n || ' ' || said, ', ' order by said) from (
        select state || coalesce(' ' || reason, '') as said, count(*) as n from deliveries group by 1) by_state)
      || '; ' || (select count(*) from contacts where campaign_id is not null) || ' contacts; '
      || (select sum(hashtextextended(profile_id || state || coalesce(reason, ''), 0)::numeric) from deliveries) as said`;
  return row?.said ?? '';
}

/** As one would write it by hand for this one campaign: one pass, no locks, the rows as they end up. */
async function handWritten({ db }: BenchDatabase, { creativeId, persona }: LoadedWave): Promise<void> {
  await db.app`
    with capped as materialized (
      select profile_id, max(at) as last_at from contacts
      where nature = 'promotion' and at > now() - make_interval(days => ${CAP.windowDays}) group by profile_id
    ),
    judged as (
      select m.profile_id, m.arm, cs.event_id,
        case
          when p.phone_fp is null then 'unreachable'
          when exists (select from suppressions s where s.fingerprint = p.phone_fp and s.scope in ('global', 'brand:maison-lumen')) then 'suppressed'
          when cs.granted is distinct from true then 'no-consent'
          when cs.expires_at <= now() then 'consent-expired'
          when 'phone' = any(p.doubtful) then 'doubtful'
          when k.last_at is not null then 'cap:promotion-14-days'
        end as reason
      from audience_members m
      join profiles p on p.id = m.profile_id
      left join consent_state cs on cs.profile_id = m.profile_id and cs.purpose = 'promotion' and cs.channel = 'sms'
      left join capped k on k.profile_id = m.profile_id
      where m.campaign_id = ${CAMPAIGN} and m.part = 'test'
    ),
    ledger as (
      insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, creative_id, state, reason,
        consent_event_id, attempts, settled_at, provider_id)
      select ${CAMPAIGN}, 'first', profile_id, 'w1', arm, ${persona}, 'sms', ${creativeId},
        case when reason is null then 'accepted' else 'skipped' end, reason, event_id, case when reason is null then 1 else 0 end, now(),
        case when reason is null then 'p' || profile_id end
      from judged order by profile_id
      returning profile_id, state
    )
    insert into contacts (profile_id, at, nature, channel, department, format, campaign_id, step)
    select profile_id, now(), 'promotion', 'sms', 'crm', 'short', ${CAMPAIGN}, 'first' from ledger where state = 'accepted'`;
}
