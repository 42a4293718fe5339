import { setTimeout as sleep } from 'node:timers/promises';
import type { EventInput } from '../../../domain/events/event';
import type { ReceivedMail } from '../../../sandbox/mail-sink/record';
import { createBehaviour, type Person } from '../../../sandbox/people/behaviour';
import { createCrowd } from '../../../sandbox/people/crowd';
import { createEventsClient } from '../../../sandbox/people/events-client';
import type { MailReader } from '../../../sandbox/people/mail-reader';

const people = Array.from({ length: 40 }, (_, i): Person => ({
  customerKey: `K${i}`,
  email: `k${i}@x.example`,
  kind: '',
}));
/** With a mail of arm `a` everybody visits and buys; without, half visit. */
const behaviour = createBehaviour(
  {
    events: ['visit', 'purchase'],
    rate: (event, arm) => (arm === 'a' ? 1 : event === 'visit' ? 0.5 : 0.25),
    value: (event) => (event === 'purchase' ? { cents: 500, currency: 'EUR' } : null),
  },
  { readShare: 1, picturesShare: 1, followShare: 1, unsubscribeRate: 0 },
  'seed',
);

const mailTo = (person: Person, campaign = 'c1'): ReceivedMail => ({
  id: 1,
  at: '',
  from: '',
  to: [person.email],
  subject: 'arm a',
  campaign,
  delivery: null,
  messageId: null,
  bytes: 0,
  offset: null,
});

function setUp(
  more: {
    post?: (events: readonly EventInput[]) => Promise<{ unknown: number }>;
    reader?: MailReader['act'];
    windowSeconds?: number;
  } = {},
) {
  const told: EventInput[] = [];
  const events = createEventsClient({
    everyMs: 10,
    post:
      more.post ??
      (async (batch) => {
        told.push(...batch);
        return { unknown: 0 };
      }),
  });
  const crowd = createCrowd({
    people,
    behaviour,
    armOf: (subject) => (subject === 'arm a' ? 'a' : null),
    reader: {
      counts: { opened: 0, followed: 0, lost: 0, unsubscribed: 0 },
      act: more.reader ?? (async () => ({ arrived: true })),
    },
    events,
    campaignId: 'c1',
    windowSeconds: more.windowSeconds ?? 30,
    hasExperiment: true,
    slownessMs: 5,
  });
  return {
    crowd,
    events,
    told,
    keys: (type: string) =>
      told
        .filter((e) => e.type === type)
        .map((e) => ('customerKey' in e.profile ? e.profile.customerKey : '')),
  };
}

const began = (name: string, secondsAgo: number) => ({
  name,
  startedAt: new Date(Date.now() - secondsAgo * 1_000).toISOString(),
});
const [first, second] = people;
if (!first || !second) throw new Error('there are people');

describe('the crowd', () => {
  test('mailed people act on their mail, once, and the others only while the test is observed', async () => {
    const { crowd, keys, told, events } = setUp();
    crowd.onMail(mailTo(first), Buffer.alloc(0));
    crowd.onMail(mailTo(first), Buffer.alloc(0));
    crowd.onMail(mailTo(second, 'another'), Buffer.alloc(0));
    crowd.look({ stage: 'experiment', stages: [began('experiment', 1)] });
    await crowd.settled();
    expect(keys('visit')).toEqual([first.customerKey]);
    expect(told.every((e) => e.properties?.['came'] === 'mail')).toBe(true);

    crowd.look({ stage: 'evaluate', stages: [began('experiment', 2), began('evaluate', 0)] });
    crowd.look({ stage: 'evaluate', stages: [began('experiment', 2), began('evaluate', 0)] });
    await crowd.settled();
    const unmailed = people
      .filter((p) => p !== first && behaviour.deeds(p, null).length > 0)
      .map((p) => p.customerKey);
    expect(unmailed.length).toBeGreaterThan(8);
    expect(keys('visit').sort()).toEqual([first.customerKey, ...unmailed].sort());
    expect(new Set(told.map((e) => e.id)).size).toBe(told.length);
    events.close();
  });

  test('a test wave longer than half a window has a moment of its own, and nobody pays twice', async () => {
    const { crowd, keys, events } = setUp({ windowSeconds: 10 });
    crowd.look({ stage: 'experiment', stages: [began('experiment', 6)] });
    await crowd.settled();
    const visits = keys('visit').length;
    expect(visits).toBeGreaterThan(8);
    expect(keys('purchase')).toHaveLength(0);
    crowd.look({ stage: 'evaluate', stages: [began('experiment', 7), began('evaluate', 0)] });
    await crowd.settled();
    expect(keys('visit')).toHaveLength(2 * visits);
    expect(new Set(keys('purchase')).size).toBe(keys('purchase').length);
    expect(keys('purchase').length).toBeGreaterThan(2);
    events.close();
  });

  test('events whose answer got lost are told again under the same ids', async () => {
    const batches: string[][] = [];
    const { crowd, events } = setUp({
      post: async (batch) => {
        batches.push(batch.map((e) => e.id));
        if (batches.length === 1) throw new Error('away');
        return { unknown: 0 };
      },
    });
    crowd.onMail(mailTo(first), Buffer.alloc(0));
    await crowd.settled();
    expect(batches.length).toBeGreaterThanOrEqual(2);
    expect(batches[1]).toEqual(batches[0]);
    events.close();
  });

  test('who finds a dead link comes by themselves', async () => {
    const { crowd, told, events } = setUp({
      reader: async () => {
        throw new Error('connection refused');
      },
    });
    crowd.onMail(mailTo(first), Buffer.alloc(0));
    await crowd.settled();
    expect(told.map((e) => [e.type, e.properties?.['came']])).toEqual([
      ['visit', 'direct'],
      ['purchase', 'direct'],
    ]);
    events.close();
  });

  test('who had the mail before a restart is no unmailed person', async () => {
    const { crowd, keys, events } = setUp();
    crowd.alreadyMailed(people.map((p) => p.email));
    crowd.look({ stage: 'evaluate', stages: [began('evaluate', 0)] });
    await crowd.settled();
    await sleep(20);
    expect(keys('visit')).toHaveLength(0);
    events.close();
  });
});
