import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

const subscribe = (url: string, events: string[] = ['campaign.ended'], headers = {}) =>
  api.call('POST', '/v1/webhook-subscriptions', { as: 'admin', body: { url, events }, headers });

test('the secret is shown once, and to the caller of the same call again', async () => {
  const headers = { 'idempotency-key': 'sub-1' };
  const made = await subscribe('https://1.1.1.1/hook', ['campaign.ended', 'campaign.ended'], headers);
  expect(made.statusCode).toBe(201);
  const { id, secret } = made.json<{ id: string; secret: string }>();
  expect(secret).toMatch(/^whsec_.{43}$/);
  expect(
    (await subscribe('https://1.1.1.1/hook', ['campaign.ended', 'campaign.ended'], headers)).json(),
  ).toEqual({ id, secret });
  const listed = await api.call('GET', '/v1/webhook-subscriptions', { as: 'admin' });
  expect(listed.json().items).toMatchObject([
    { id, url: 'https://1.1.1.1/hook', events: ['campaign.ended'], createdBy: 'admin', waiting: 0 },
  ]);
  expect(listed.body).not.toContain(secret);
  expect((await api.call('GET', '/v1/webhook-subscriptions', { as: 'editor' })).statusCode).toBe(403);

  expect((await api.call('DELETE', `/v1/webhook-subscriptions/${id}`, { as: 'admin' })).statusCode).toBe(204);
  expect((await api.call('DELETE', `/v1/webhook-subscriptions/${id}`, { as: 'admin' })).statusCode).toBe(404);
});

test.each([
  ['http', 'http://1.1.1.1/'],
  ['a private address', 'https://10.0.0.8/'],
  ['this machine', 'https://127.0.0.1:8080/'],
  ['this machine by name', 'https://localhost/'],
  ['the metadata service', 'https://169.254.169.254/latest'],
  ['IPv6 of this machine', 'https://[::1]/'],
  ['IPv4 in IPv6', 'https://[::ffff:192.168.1.1]/'],
  ['a decimal spelling of 127.0.0.1', 'https://2130706433/'],
  ['a user in it', 'https://user:pass@1.1.1.1/'],
])('%s is refused', async (_name, url) => {
  const answer = await subscribe(url);
  expect(answer.json()).toMatchObject({ status: 400, code: 'invalid-request', faults: [{ path: '/url' }] });
});

test('an event that there is not', async () => {
  const answer = await subscribe('https://1.1.1.1/', ['delivery.dreamt']);
  expect(answer.json()).toMatchObject({ status: 400, faults: [{ path: '/events/0' }] });
});
