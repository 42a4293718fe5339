import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { acceptedButNotOnce, countingSink } from '../../support/counting-sink';
import { freshDatabase } from '../../support/database';
import { forkSource } from '../../support/fork-source';
import { openTriggered } from '../../support/message-lane';
import { contactsOutOfStep } from '../../support/wave';

const MESSAGES = 300;
const CONNECTIONS = 8;
const KILLS = 3;

it('a lane killed -9 with messages on the wire, three times: nobody is mailed twice, and what is not known is said', async () => {
  const database = await freshDatabase();
  const sink = await countingSink(10);
  const { received } = sink;
  const children: ChildProcess[] = [];
  try {
    const campaign = await openTriggered(database.db, 'ckilledlane1', MESSAGES);
    await database.db.app`
      insert into messages (id, campaign_id, profile_id, created_by, deadline_at)
      select 'm' || p, ${campaign.campaignId}, p, 'shop', now() + interval '1 day' from unnest(${[...campaign.profileIds]}::bigint[]) p`;
    const start = async (): Promise<ChildProcess> => {
      const child = await forkSource('lane-process');
      children.push(child);
      child.send({
        databaseUrl: database.url,
        smtpUrl: sink.url,
        connections: CONNECTIONS,
        campaign,
      });
      return child;
    };
    const kill = async (child: ChildProcess): Promise<void> => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    };
    const settled = async (): Promise<number> => {
      const [row] = await database.db.app<{ n: number }[]>`
        select count(*) as n from messages where settled_at is not null`;
      return row?.n ?? 0;
    };

    for (let n = 1; n <= KILLS; n += 1) {
      const child = await start();
      const goal = received.size + MESSAGES / 6;
      while (received.size < goal && child.exitCode === null) await sleep(2);
      await kill(child);
    }
    expect(received.size).toBeLessThan(MESSAGES);
    const last = await start();
    for (const giveUp = Date.now() + 60_000; (await settled()) < MESSAGES && Date.now() < giveUp;)
      await sleep(50);
    await kill(last);

    const rows = await database.db.app<{ state: string; n: number }[]>`
      select state, count(*) as n from deliveries where campaign_id = ${campaign.campaignId} group by state`;
    const of = (state: string): number => rows.find((row) => row.state === state)?.n ?? 0;
    expect(of('accepted') + of('uncertain')).toBe(MESSAGES);
    expect(of('uncertain')).toBeLessThanOrEqual(CONNECTIONS * KILLS);
    expect(of('uncertain')).toBeGreaterThan(0);
    expect(Math.max(...received.values())).toBe(1);
    expect(await acceptedButNotOnce(database.db, sink)).toEqual([]);
    expect(await contactsOutOfStep(database.db, campaign.campaignId)).toBe(0);
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await sink.close();
    await database.close();
  }
}, 180_000);
