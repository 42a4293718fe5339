import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isComplete } from '../../../domain/delivery/arithmetic';
import { createDeliveryStore } from '../../../store/delivery-store';
import { acceptedButNotOnce, countingSink } from '../../support/counting-sink';
import { freshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { forkSource } from '../../support/fork-source';
import { seedCampaign } from '../../support/seed-campaign';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

const PEOPLE = 3_000;
const CONNECTIONS = 8;
const KILLS = 3;

it('a worker killed -9 in mid-wave, three times: nobody is mailed twice, and what is not known is said', async () => {
  const database = await freshDatabase();
  const sink = await countingSink(3);
  const { received } = sink;
  try {
    const campaign = await seedCampaign(database.db, { people: PEOPLE });
    const { activities } = deliveryBench(database.db, campaign, fakeSender());
    const wave = await planTestWave(activities, campaign, { shardSize: 500 });
    const job = {
      databaseUrl: database.url,
      smtpUrl: sink.url,
      connections: CONNECTIONS,
      campaign,
      wave: wave.ref,
      shards: wave.shards,
    };
    const start = async (): Promise<ChildProcess> => {
      const child = await forkSource('shard-process');
      child.send(job);
      return child;
    };

    for (let kill = 1; kill <= KILLS; kill += 1) {
      const child = await start();
      const goal = sink.total() + PEOPLE / 5;
      while (sink.total() < goal && child.exitCode === null) await sleep(2);
      child.kill('SIGKILL');
      const [, signal] = await once(child, 'exit');
      expect(signal).toBe('SIGKILL');
    }
    const last = await start();
    const [code] = await once(last, 'exit');
    expect(code).toBe(0);

    const counts = await createDeliveryStore(database.db).waveCounts(wave.ref);
    expect(isComplete(counts)).toBe(true);
    expect(Math.max(...received.values())).toBe(1);
    expect(counts.uncertain).toBeLessThanOrEqual(CONNECTIONS * KILLS);
    // Everybody accepted was received; whoever was received beyond that is among the uncertain.
    expect(received.size).toBeGreaterThanOrEqual(counts.accepted);
    expect(received.size).toBeLessThanOrEqual(counts.accepted + counts.uncertain);
    expect(await acceptedButNotOnce(database.db, sink)).toEqual([]);
    expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
  } finally {
    await sink.close();
    await database.close();
  }
}, 180_000);
