import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { fromRoot } from '../../../config/paths';
import { isComplete } from '../../../domain/delivery/arithmetic';
import { startPostgres, type RunningPostgres } from '../../../stack/postgres';
import { markOf, stopProcess } from '../../../stack/processes';
import { connect, type Db } from '../../../store/db';
import { createDeliveryStore } from '../../../store/delivery-store';
import { migrate } from '../../../store/migrate';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign } from '../../support/seed-campaign';
import type { ShardJob } from '../../support/shard-process';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

const PEOPLE = 1_200;
const CONNECTIONS = 8;
const RESTARTS = 2;
/** More than the crashes explain: then it is the worker that fails. */
const MOST_DEATHS = 3;

const dir = mkdtempSync(join(tmpdir(), 'boucle-postgres-restarts-'));
// As root PostgreSQL runs as another user, who has to pass through.
chmodSync(dir, 0o755);

/**
 * The worker's process, started again when it dies, as its service manager does: the driver may throw outside of any
 * promise when its server crashes (see `connect`). `ended` answers how often it died before its work was done.
 */
function keepRunning(job: ShardJob): { readonly ended: Promise<number>; hasEnded(): boolean } {
  let over = false;
  const untilDone = async (): Promise<number> => {
    for (let deaths = 0; deaths <= MOST_DEATHS; deaths += 1) {
      const worker = fork(fromRoot('test/support/shard-process.ts'), [], {
        execArgv: ['-r', fromRoot('test/support/ts-require.js')],
      });
      worker.once('message', () => worker.send(job));
      const [code] = await once(worker, 'exit');
      if (code === 0) return deaths;
    }
    throw new Error(`the worker died ${MOST_DEATHS + 1} times`);
  };
  const ended = untilDone().finally(() => {
    over = true;
  });
  // Awaited at the end: until then nobody else shall call it unhandled.
  ended.catch(() => undefined);
  return { ended, hasEnded: () => over };
}

test('PostgreSQL crashes and comes back in mid-wave, twice: nobody is mailed twice, nobody is forgotten', async () => {
  const received = new Map<string, number>();
  let total = 0;
  const sink = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, session, done) => {
      stream.resume();
      stream.on('end', () => {
        const [to] = session.envelope.rcptTo;
        if (to) received.set(to.address, (received.get(to.address) ?? 0) + 1);
        total += 1;
        setTimeout(done, 3);
      });
    },
  });
  sink.on('error', () => {});
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', () => resolve()));

  // One of its own: the other tests go on using theirs.
  let server: RunningPostgres = await startPostgres({ dataDir: join(dir, 'postgres'), port: 0 });
  const { url, port } = server;
  let db: Db | undefined;
  try {
    await migrate(url);
    db = connect(url, 4);
    const campaign = await seedCampaign(db, { people: PEOPLE });
    const { activities } = deliveryBench(db, campaign, fakeSender());
    const wave = await planTestWave(activities, campaign, { shardSize: 300 });
    // Our own pool is not what is tried here.
    await db.close();
    db = undefined;

    const worker = keepRunning({
      databaseUrl: url,
      smtpUrl: `smtp://127.0.0.1:${(sink.server.address() as AddressInfo).port}`,
      connections: CONNECTIONS,
      campaign,
      wave: wave.ref,
      shards: wave.shards,
    });
    for (let restart = 1; restart <= RESTARTS; restart += 1) {
      const goal = total + PEOPLE / 4;
      while (total < goal && !worker.hasEnded()) await sleep(2);
      expect(worker.hasEnded()).toBe(false);
      const mark = markOf(server.pid);
      if (mark === undefined) throw new Error('PostgreSQL has no process');
      // An immediate shutdown: sessions are cut off, and the next start recovers as after a crash.
      await stopProcess(mark, 'SIGQUIT', 10_000);
      server = await startPostgres({ dataDir: join(dir, 'postgres'), port });
      expect(server.port).toBe(port);
    }
    const deaths = await worker.ended;
    // A crash may take it along; by itself it does not die.
    expect(deaths).toBeLessThanOrEqual(RESTARTS);

    db = connect(url, 4);
    const counts = await createDeliveryStore(db).waveCounts(wave.ref);
    expect(isComplete(counts)).toBe(true);
    expect(counts.accepted + counts.uncertain).toBe(PEOPLE);
    expect(Math.max(...received.values())).toBe(1);
    expect(counts.uncertain).toBeLessThanOrEqual(CONNECTIONS * (RESTARTS + deaths));
    const accepted = await db.identity<{ email: string }[]>`
      select p.email from deliveries d join identity.people p using (profile_id) where d.state = 'accepted'`;
    expect(accepted.filter((row) => received.get(row.email) !== 1)).toEqual([]);
    expect(received.size).toBeLessThanOrEqual(counts.accepted + counts.uncertain);
    expect(await contactsOutOfStep(db, campaign.campaignId)).toBe(0);
  } finally {
    await db?.close();
    await server.stop();
    await new Promise<void>((resolve) => sink.close(() => resolve()));
    rmSync(dir, { recursive: true, force: true });
  }
}, 120_000);
