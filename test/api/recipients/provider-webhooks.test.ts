import fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { signWebhook } from '../../../adapters/webhooks/signature';
import { registerBodies } from '../../../api/plugins/bodies';
import { registerErrors } from '../../../api/plugins/errors';
import { providerWebhooksRoutes } from '../../../api/routes/provider-webhooks';
import { createProviderEventsStore } from '../../../store/provider-events-store';
import { createLinkSigner } from '../../../adapters/links/signer';
import { apiUnderTest, LINK_SECRET, WEBHOOK_SECRET, type ApiUnderTest } from '../../support/api';
import { seedCampaign } from '../../support/seed-campaign';

const UNKNOWN = 987_654;

let api: ApiUnderTest;
let ids: number[] = [];
beforeAll(async () => {
  api = await apiUnderTest();
  const seeded = await seedCampaign(api.database.db, { campaignId: 'ccomplaints2', people: 4 });
  const rows = await api.database.db.app<{ id: number }[]>`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state)
    select 'ccomplaints2', 'first', p, 'test', 'a', 'habitues', 'email', 'accepted'
    from unnest(${[...seeded.profileIds]}::bigint[]) p returning id`;
  ids = rows.map((row) => row.id);
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.db.app`delete from suppressions`;
  await api.database.db.app`delete from events`;
});

const told = (deliveryId: number | undefined) => ({
  type: 'complaint',
  deliveryId,
  at: '2026-03-01T10:00:00Z',
  id: `fbl-${deliveryId ?? 0}`,
});
const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

function post(body: unknown, change: { secret?: string; timestamp?: number; signature?: string } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const timestamp = String(change.timestamp ?? nowSeconds());
  const signature =
    change.signature ?? signWebhook({ secret: change.secret ?? WEBHOOK_SECRET, timestamp, body: text });
  return api.call('POST', '/webhooks/complaints', {
    as: 'none',
    headers: {
      'content-type': 'application/json',
      'x-boucle-timestamp': timestamp,
      'x-boucle-signature': signature,
    },
    body: text,
  });
}
const kept = async () => {
  const { app } = api.database.db;
  const events = await app<{ type: string; delivery_id: number; sent: string }[]>`
    select type, delivery_id, properties->>'providerEventId' as sent from events order by delivery_id`;
  const [{ n } = { n: -1 }] = await app<
    { n: number }[]
  >`select count(*) as n from suppressions where reason = 'complaint'`;
  return { events: [...events], suppressed: n };
};

test('a complaint is an event of its delivery and suppresses the address', async () => {
  const answer = await post({ events: [told(ids[0]), told(ids[1]), told(UNKNOWN)] });
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { accepted: 2, duplicates: 0, unknown: [UNKNOWN], contradicting: [] },
  ]);
  expect(await kept()).toEqual({
    events: [
      { type: 'message.complained', delivery_id: ids[0], sent: `fbl-${ids[0]}` },
      { type: 'message.complained', delivery_id: ids[1], sent: `fbl-${ids[1]}` },
    ],
    suppressed: 2,
  });
});

test('told again, in the same call or another, it counts once', async () => {
  const first = await post({ events: [told(ids[2]), told(ids[2])] });
  expect(first.json()).toEqual({ accepted: 1, duplicates: 1, unknown: [], contradicting: [] });
  const again = await post({ events: [told(ids[2])] });
  expect([again.statusCode, again.json()]).toEqual([
    200,
    { accepted: 0, duplicates: 1, unknown: [], contradicting: [] },
  ]);
  expect(await kept()).toMatchObject({ events: [{ delivery_id: ids[2] }], suppressed: 1 });
});

test.each([
  ['another secret', () => ({ secret: 'not-the-secret-of-the-tests' })],
  ['no signature', () => ({ signature: '' })],
  ['an old timestamp', () => ({ timestamp: nowSeconds() - 310 })],
  ['a timestamp of tomorrow', () => ({ timestamp: nowSeconds() + 86_400 })],
])('%s: refused, and nothing is written', async (_case, change) => {
  const answer = await post({ events: [told(ids[3])] }, change());
  expect([answer.statusCode, answer.json()]).toMatchObject([401, { code: 'bad-signature' }]);
  expect(await kept()).toEqual({ events: [], suppressed: 0 });
});

test('a body that was changed after it was signed is refused', async () => {
  const timestamp = nowSeconds();
  const signature = signWebhook({
    secret: WEBHOOK_SECRET,
    timestamp: String(timestamp),
    body: JSON.stringify({ events: [told(ids[0])] }),
  });
  expect((await post({ events: [told(ids[3])] }, { timestamp, signature })).statusCode).toBe(401);
});

test.each([
  ['not JSON', '{'],
  ['no events', { events: [] }],
  ['too many', { events: Array.from({ length: 1_001 }, (_, n) => told(n + 1)) }],
  ['another type', { events: [{ ...told(1), type: 'bounce' }] }],
  ['no such moment', { events: [{ ...told(1), at: '0000-01-01T00:00:00Z' }] }],
  ['no whole number', { events: [{ ...told(1), deliveryId: 1.5 }] }],
])('%s, well signed: 400 and nothing is written', async (_case, body) => {
  const answer = await post(body);
  expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: 'invalid-request' }]);
  expect(await kept()).toEqual({ events: [], suppressed: 0 });
});

test('without a secret every call is refused', async () => {
  const app = fastify().withTypeProvider<ZodTypeProvider>();
  registerErrors(app);
  registerBodies(app);
  await providerWebhooksRoutes(app, {
    provider: createProviderEventsStore(api.database.db.app, ['email']),
    secret: undefined,
    bounceSecret: undefined,
    find: { signer: createLinkSigner(LINK_SECRET), fingerprint: () => null },
  });
  const timestamp = String(nowSeconds());
  const body = JSON.stringify({ events: [told(1)] });
  const answer = await app.inject({
    method: 'POST',
    url: '/webhooks/complaints',
    headers: {
      'content-type': 'application/json',
      'x-boucle-timestamp': timestamp,
      'x-boucle-signature': signWebhook({ secret: '', timestamp, body }),
    },
    payload: body,
  });
  expect(answer.json()).toMatchObject({ status: 401, code: 'bad-signature' });
  await app.close();
});
