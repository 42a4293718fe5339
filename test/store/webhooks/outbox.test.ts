import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyWebhook } from '../../../adapters/webhooks/signature';
import { createWebhookSender } from '../../../adapters/webhooks/webhook-sender';
import type { WebhookSender } from '../../../domain/webhooks/outgoing';
import { createCampaignsStore } from '../../../store/campaigns-store';
import { createIncidentsStore } from '../../../store/incidents-store';
import { createWebhooksStore, type WebhooksStore } from '../../../store/webhooks-store';
import { runWebhookOutbox } from '../../../worker/webhook-outbox';
import { freshDatabase, type FreshDatabase } from '../../support/database';
import { seedCampaign } from '../../support/seed-campaign';

const CAMPAIGN = 'cwebhook1111';
const quiet = { info: () => {}, warn: () => {} };

interface Call {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver that checks what it is sent as the documentation says, and answers as told. */
async function receiver(answer: (nth: number) => number) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(answer(calls.length), { location: 'http://127.0.0.1:1/' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    calls,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

let database: FreshDatabase;
let webhooks: WebhooksStore;
let sender: WebhookSender;
let closing: (() => unknown)[];
beforeEach(async () => {
  database = await freshDatabase();
  webhooks = createWebhooksStore(database.db.app);
  sender = createWebhookSender({ publicOnly: false, answerTimeoutMs: 2_000 });
  closing = [() => sender.close()];
  await seedCampaign(database.db, { campaignId: CAMPAIGN, people: 1 });
});
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  await database.close();
});

async function subscribed(answer: (nth: number) => number) {
  const there = await receiver(answer);
  closing.push(there.close);
  const made = await webhooks.subscribe({
    url: there.url,
    events: ['incident.opened', 'campaign.ended'],
    by: 'ada',
  });
  return { ...there, ...made };
}

/** Runs two workers until `done` or five seconds have passed. */
async function runUntil(done: () => boolean | Promise<boolean>, by: WebhookSender = sender): Promise<void> {
  const stop = new AbortController();
  const deps = { webhooks, sender: by, log: quiet, signal: stop.signal, pollMs: 10 };
  const runs = Promise.all([runWebhookOutbox(deps), runWebhookOutbox(deps)]);
  const until = Date.now() + 5_000;
  while (!(await done()) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort();
  await runs;
}

const rows = () => database.db.app<
  { attempts: number; delivered: boolean; given_up: boolean; last_status: number | null; wait: number }[]
>`select attempts, delivered_at is not null as delivered, given_up_at is not null as given_up, last_status,
    round(extract(epoch from next_at - clock_timestamp()))::int as wait
  from webhook_outbox order by id`;
const openIncident = () =>
  createIncidentsStore(database.db.app).open({
    campaignId: CAMPAIGN,
    kind: 'guardrail.pilot',
    message: 'Too many',
    details: {},
  });

test('what happens is told once, signed, with an id against doubles', async () => {
  const there = await subscribed(() => 204);
  const opened = await openIncident();
  expect(await openIncident()).toEqual(opened);
  await createCampaignsStore(database.db.app).end(CAMPAIGN, 'stopped', 'a limit');
  await createCampaignsStore(database.db.app).end(CAMPAIGN, 'stopped', 'a limit');

  await runUntil(() => there.calls.length >= 2);
  expect((await rows()).map((row) => [row.attempts, row.delivered, row.last_status])).toEqual([
    [1, true, 204],
    [1, true, 204],
  ]);
  const told = there.calls.map(({ headers, body }) => {
    const signature = String(headers['x-boucle-signature']);
    const timestamp = String(headers['x-boucle-timestamp']);
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const call = { secret: there.secret, timestamp, body, signature, nowSeconds };
    expect(verifyWebhook(call)).toBe(true);
    expect(verifyWebhook({ ...call, body: `${body} ` })).toBe(false);
    expect(verifyWebhook({ ...call, secret: 'another' })).toBe(false);
    expect(headers['content-type']).toBe('application/json');
    const said = JSON.parse(body);
    expect([headers['x-boucle-event-id'], headers['x-boucle-event']]).toEqual([said.id, said.event]);
    return said;
  });
  expect(told.toSorted((a, b) => (a.event < b.event ? -1 : 1))).toMatchObject([
    { id: `campaign.ended:${CAMPAIGN}`, data: { campaignId: CAMPAIGN, end: 'stopped' } },
    {
      id: `incident.opened:${CAMPAIGN}.guardrail.pilot`,
      event: 'incident.opened',
      data: { campaignId: CAMPAIGN, kind: 'guardrail.pilot', message: 'Too many' },
    },
  ]);
});

test('a receiver that fails, or sends us elsewhere, is tried again later under the same id', async () => {
  const there = await subscribed((nth) => (nth === 1 ? 500 : nth === 2 ? 302 : 200));
  await openIncident();
  await runUntil(async () => (await rows())[0]?.last_status === 500);
  expect(await rows()).toMatchObject([{ attempts: 1, delivered: false, last_status: 500, wait: 5 }]);
  await database.db.app`update webhook_outbox set next_at = now()`;
  await runUntil(async () => (await rows())[0]?.last_status === 302);
  expect((await rows())[0]?.wait).toBeGreaterThan(12);
  await database.db.app`update webhook_outbox set next_at = now()`;
  await runUntil(() => there.calls.length === 3);
  expect(await rows()).toMatchObject([{ attempts: 3, delivered: true }]);
  expect(new Set(there.calls.map((call) => call.headers['x-boucle-event-id'])).size).toBe(1);
});

test('after a day it is given up; 410 ends the subscription and what waits', async () => {
  const failing = await subscribed(() => 503);
  await openIncident();
  await database.db.app`update webhook_outbox set attempts = 12, created_at = now() - interval '21 hours'`;
  await runUntil(() => failing.calls.length === 1);
  expect(await rows()).toMatchObject([{ delivered: false, given_up: true, last_status: 503 }]);
  expect(await webhooks.list()).toMatchObject([{ waiting: 0, givenUp: 1 }]);
  await webhooks.remove(failing.id);

  const gone = await subscribed(() => 410);
  await createCampaignsStore(database.db.app).end(CAMPAIGN, 'completed', '');
  await runUntil(() => gone.calls.length === 1);
  expect(await rows()).toMatchObject([{ given_up: true, last_status: 410 }]);
  const [left] = await webhooks.list();
  expect(left?.disabledAt).toBeInstanceOf(Date);
  await createIncidentsStore(database.db.app).open({
    campaignId: CAMPAIGN,
    kind: 'later',
    message: 'Nobody hears',
    details: {},
  });
  expect(await rows()).toHaveLength(1);
});

test('an address that has become private since is not called', async () => {
  const there = await subscribed(() => 200);
  const { port } = new URL(there.url);
  await database.db.app`update webhook_subscriptions set url = ${`https://localhost:${port}/`}`;
  await openIncident();
  const strict = createWebhookSender({ publicOnly: true });
  closing.push(() => strict.close());
  await runUntil(async () => (await rows())[0]?.wait === 5, strict);
  expect(await rows()).toMatchObject([{ attempts: 1, delivered: false, last_status: null }]);
  expect(there.calls).toEqual([]);
});

test('a receiver that hangs holds up nobody else, and is called one at a time until it answers', async () => {
  const hanging = await subscribed(() => 204);
  const well = await subscribed(() => 204);
  const wait = (id: string, events: number) => database.db.app`
    insert into webhook_outbox (subscription_id, event_id, event, payload)
    select ${id}, 'campaign.ended:' || n, 'campaign.ended', '{}' from generate_series(1, ${events}::int) n`;
  await wait(hanging.id, 200);
  await wait(well.id, 100);
  const onTheWay: number[] = [];
  let open = 0;
  const slow: WebhookSender = {
    ...sender,
    send: async (row) => {
      if (row.url !== hanging.url) return sender.send(row);
      onTheWay.push((open += 1));
      await new Promise((resolve) => setTimeout(resolve, 700));
      open -= 1;
      return { kind: 'failed', status: null };
    },
  };
  const began = Date.now();
  let told = 0;
  await runUntil(() => {
    if (well.calls.length === 100 && told === 0) told = Date.now() - began;
    return told > 0 && onTheWay.length > 24;
  }, slow);
  expect(well.calls).toHaveLength(100);
  expect(told).toBeLessThan(2_500);
  // Two workers with a share of ten each; once it has failed, one each, the first of which meets the other's ten.
  expect(Math.max(...onTheWay)).toBe(20);
  expect(Math.max(...onTheWay.slice(22))).toBeLessThanOrEqual(2);
});
