import { openApiDocument } from '../../../api/openapi-document';
import { BoucleError } from '../../../domain/shared/errors';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { seedCampaign } from '../../support/seed-campaign';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());
const get = (url: string) => api.call('GET', url, { as: 'none' });

test('alive is one thing, ready another', async () => {
  expect((await get('/healthz')).json()).toEqual({ status: 'ok' });
  expect((await get('/readyz')).json()).toEqual({ status: 'ready', postgresql: 'ok', temporal: 'ok' });
  api.temporal.fault = new BoucleError('temporal-unavailable', 'away');
  const answer = await get('/readyz');
  api.temporal.fault = null;
  expect([answer.statusCode, answer.json()]).toEqual([
    503,
    { status: 'not-ready', postgresql: 'ok', temporal: 'away' },
  ]);
});

test('figures for Prometheus: requests by route, campaigns by stage, deliveries by state', async () => {
  const { profileIds } = await seedCampaign(api.database.db, { campaignId: 'cmetrics2222', people: 3 });
  await api.database.db.app`
    insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state)
    select 'cmetrics2222', 'first', p, 'test', 'a', 'x', 'email', 'accepted' from unnest(${[...profileIds]}::bigint[]) p`;
  await get('/healthz');
  const { body, headers } = await get('/metrics');
  expect(headers['content-type']).toContain('text/plain');
  expect(body).toContain('boucle_http_requests_total{method="GET",route="/healthz",status="200"}');
  expect(body).toContain('boucle_campaigns{stage="define"} 1');
  expect(body).toContain('boucle_deliveries{state="accepted"} 3');
});

test('the document is served as it is committed, 3.1, every operation under /v1 locked and with its problems', async () => {
  const served = (await get('/openapi.json')).json();
  const made = JSON.parse(await openApiDocument());
  expect(served).toEqual({ ...made, info: { ...made.info, version: '0.0.0' } });
  expect(served.openapi).toBe('3.1.0');
  const text = JSON.stringify(served);
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    expect(Object.keys(served.components.schemas)).toContain(name);
  const operations = Object.entries<
    Record<string, { summary?: string; security?: unknown; responses: object }>
  >(served.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ at: `${method} ${path}`, operation })),
  );
  expect(operations.length).toBeGreaterThan(45);
  for (const { at, operation } of operations.filter((o) => o.at.includes(' /v1/'))) {
    expect([at, operation.security, typeof operation.summary, Object.keys(operation.responses)]).toEqual([
      at,
      [{ apiKey: [] }],
      'string',
      expect.arrayContaining(['default']),
    ]);
  }
});

test('there is a page to try it', async () => {
  const page = await get('/docs');
  const followed = page.statusCode === 302 ? await get(String(page.headers['location'])) : page;
  expect([followed.statusCode, followed.headers['content-type']]).toEqual([
    200,
    expect.stringContaining('text/html'),
  ]);
  expect(followed.headers['content-security-policy']).toBeDefined();
});

test('pages ask for a key, Slack for its signature', async () => {
  expect((await get('/campaigns')).statusCode).toBe(303);
  const slack = await api.call('POST', '/slack/interactions', {
    as: 'none',
    body: 'payload=%7B%7D',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  expect(slack.json()).toMatchObject({ status: 401, code: 'bad-signature' });
});
