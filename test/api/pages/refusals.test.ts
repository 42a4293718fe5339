import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

test.each([
  ['GET', '/campaigns/z%00', undefined, undefined],
  ['POST', '/campaigns/sign-in', 'key=%00', 'application/x-www-form-urlencoded'],
  ['POST', '/campaigns/sign-in', '{}', 'application/json'],
] as const)('%s %s with a body nobody can read is the caller’s fault', async (method, url, payload, type) => {
  const answer = await api.app.inject({
    method,
    url,
    ...(payload === undefined ? {} : { payload, headers: { 'content-type': type } }),
  });
  expect(answer.statusCode).toBeGreaterThanOrEqual(300);
  expect(answer.statusCode).toBeLessThan(500);
});

test('a key cannot revoke itself: nobody locks everybody out', async () => {
  const mine = await api.call('GET', '/v1/api-keys', { as: 'admin' });
  for (const { id } of mine.json<{ items: { id: string }[] }>().items.slice(0, 20)) {
    await api.call('DELETE', `/v1/api-keys/${id}`, { as: 'admin' });
  }
  expect((await api.call('GET', '/v1/api-keys', { as: 'admin' })).statusCode).toBe(200);
});
