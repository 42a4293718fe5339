import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isComplete } from '../../../domain/delivery/arithmetic';
import { startPostgres, type RunningPostgres } from '../../../stack/postgres';
import { markOf, stopProcess } from '../../../stack/processes';
import { connect, type Db } from '../../../store/db';
import { createDeliveryStore } from '../../../store/delivery-store';
import { migrate } from '../../../store/migrate';
import { acceptedButNotOnce, countingSink } from '../../support/counting-sink';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { forkSource } from '../../support/fork-source';
import { seedCampaign } from '../../support/seed-campaign';
import type { ShardJob } from '../../support/shard-process';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

const PEOPLE = 1_200;
const CONNECTIONS = 8;
const RESTARTS = 2;

const dir = mkdtempSync(join(tmpdir(), 'boucle-postgres-restarts-'));
// As root PostgreSQL runs as another user, who has to pass through.
chmodSync(dir, 0o755);

test('PostgreSQL crashes and comes back in mid-wave, twice: nobody is mailed twice, nobody is forgotten', async () => {
  const sink = await countingSink(3);
  const { received } = sink;

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

    const job: ShardJob = {
      databaseUrl: url,
      smtpUrl: sink.url,
      connections: CONNECTIONS,
      campaign,
      wave: wave.ref,
      shards: wave.shards,
    };
    const worker = await forkSource('shard-process');
    const ended = once(worker, 'exit');
    worker.send(job);
    for (let restart = 1; restart <= RESTARTS; restart += 1) {
      const goal = sink.total() + PEOPLE / 4;
      while (sink.total() < goal && worker.exitCode === null) await sleep(2);
      expect(worker.exitCode).toBeNull();
      const mark = markOf(server.pid);
      if (mark === undefined) throw new Error('PostgreSQL has no process');
      // An immediate shutdown: sessions are cut off, and the next start recovers as after a crash.
      await stopProcess(mark, 'SIGQUIT', 10_000);
      server = await startPostgres({ dataDir: join(dir, 'postgres'), port });
      expect(server.port).toBe(port);
    }
    // It lives through both.
    expect(await ended).toEqual([0, null]);

    db = connect(url, 4);
    const counts = await createDeliveryStore(db).waveCounts(wave.ref);
    expect(isComplete(counts)).toBe(true);
    expect(counts.accepted + counts.uncertain).toBe(PEOPLE);
    expect(Math.max(...received.values())).toBe(1);
    expect(counts.uncertain).toBeLessThanOrEqual(CONNECTIONS * RESTARTS);
    expect(await acceptedButNotOnce(db, sink)).toEqual([]);
    expect(received.size).toBeLessThanOrEqual(counts.accepted + counts.uncertain);
    expect(await contactsOutOfStep(db, campaign.campaignId)).toBe(0);
  } finally {
    await db?.close();
    await server.stop();
    await sink.close();
    rmSync(dir, { recursive: true, force: true });
  }
}, 120_000);
