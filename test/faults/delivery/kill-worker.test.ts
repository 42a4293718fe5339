import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { fromRoot } from '../../../config/paths';
import { isComplete } from '../../../domain/delivery/arithmetic';
import { createDeliveryStore } from '../../../store/delivery-store';
import { freshDatabase } from '../../support/database';
import { deliveryBench, fakeSender } from '../../support/delivery-bench';
import { seedCampaign } from '../../support/seed-campaign';
import { contactsOutOfStep, planTestWave } from '../../support/wave';

const PEOPLE = 3_000;
const CONNECTIONS = 8;
const KILLS = 3;

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it('a worker killed -9 in mid-wave, three times: nobody is mailed twice, and what is not known is said', async () => {
  const database = await freshDatabase();
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
        // Taken, and the answer still under way: the moment a kill hurts.
        setTimeout(done, 3);
      });
    },
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', () => resolve()));
  sink.on('error', () => {});
  try {
    const campaign = await seedCampaign(database.db, { people: PEOPLE });
    const { activities } = deliveryBench(database.db, campaign, fakeSender());
    const wave = await planTestWave(activities, campaign, { shardSize: 500 });
    const job = {
      databaseUrl: database.url,
      smtpUrl: `smtp://127.0.0.1:${(sink.server.address() as AddressInfo).port}`,
      connections: CONNECTIONS,
      campaign,
      wave: wave.ref,
      shards: wave.shards,
    };
    const start = async (): Promise<ChildProcess> => {
      const child = fork(fromRoot('test/support/shard-process.ts'), [], {
        execArgv: ['-r', fromRoot('test/support/ts-require.js')],
      });
      await once(child, 'message');
      child.send(job);
      return child;
    };

    for (let kill = 1; kill <= KILLS; kill += 1) {
      const child = await start();
      const goal = total + PEOPLE / 5;
      while (total < goal && child.exitCode === null) await soon(2);
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
    const accepted = await database.db.identity<{ email: string }[]>`
      select p.email from deliveries d join identity.people p using (profile_id) where d.state = 'accepted'`;
    expect(accepted.filter((row) => received.get(row.email) !== 1)).toEqual([]);
    expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
  } finally {
    await new Promise<void>((resolve) => sink.close(() => resolve()));
    await database.close();
  }
}, 180_000);
