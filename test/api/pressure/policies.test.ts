import { defaultPolicies } from '../../../config/policies/delivery';
import { createPoliciesStore, POLICY_KINDS } from '../../../store/policies-store';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

const cap = { nature: 'promotion', limit: 1, windowDays: 14 };
const put = (key: string, body: unknown, kind = 'cap') =>
  api.call('PUT', `/v1/policies/${kind}/${key}`, { as: 'admin', body });

test('an admin sets a policy; everybody sees it, who set it, and every change of it', async () => {
  expect((await put('promo', cap)).json()).toEqual({ key: 'promo', changed: true });
  expect((await put('promo', cap)).json()).toEqual({ key: 'promo', changed: false });
  await put('promo', { ...cap, limit: null });

  const listed = (await api.call('GET', '/v1/policies/cap', { as: 'viewer' })).json();
  expect(listed.items).toEqual([
    {
      key: 'promo',
      definition: { ...cap, limit: null },
      updatedBy: 'admin',
      updatedAt: expect.any(String),
    },
  ]);
  expect((await api.call('DELETE', '/v1/policies/cap/promo', { as: 'admin' })).statusCode).toBe(204);
  expect((await api.call('DELETE', '/v1/policies/cap/promo', { as: 'admin' })).statusCode).toBe(404);
  const changes = (await api.call('GET', '/v1/policies/cap/promo/changes', { as: 'viewer' })).json();
  expect(changes.items.map((one: { definition: { limit: number } | null }) => one.definition)).toEqual([
    null,
    { ...cap, limit: null },
    cap,
  ]);
  expect((await api.call('GET', '/v1/policies/cap')).json().items).toEqual([]);
});

test('whoever is no admin changes nothing', async () => {
  for (const as of ['viewer', 'editor', 'approver'] as const) {
    const answer = await api.call('PUT', '/v1/policies/cap/promo', { as, body: cap });
    expect(answer.statusCode).toBe(403);
  }
});

test.each<[string, string, unknown, number, string, string]>([
  ['a limit below nothing', 'cap', { ...cap, limit: -1 }, 400, 'invalid-request', '/limit'],
  ['a limit no gate can count to', 'cap', { ...cap, limit: 3e9 }, 400, 'invalid-request', '/limit'],
  ['both kinds of window', 'cap', { ...cap, calendar: 'week' }, 400, 'invalid-request', '/windowDays'],
  ['a nature caps do not hold', 'cap', { ...cap, nature: 'service' }, 400, 'invalid-request', '/nature'],
  ['a segment nobody made', 'cap', { ...cap, segment: 'nobodys' }, 422, 'segment-unknown', '/segment'],
  [
    'an hour that is none',
    'quiet-hours',
    { market: 'FR', channel: 'sms', open: { mon: [{ from: '8', to: '20:00' }] } },
    400,
    'invalid-request',
    '/open/mon/0/from',
  ],
  [
    'a rate of nothing',
    'rate',
    { channel: 'email', perSecond: 0, burst: 1 },
    400,
    'invalid-request',
    '/perSecond',
  ],
])('%s is a fault with its place', async (_name, kind, body, status, code, path) => {
  const answer = await put('faulty', body, kind);
  expect([answer.statusCode, answer.json()]).toMatchObject([status, { code, faults: [{ path }] }]);
});

test('every kind takes what it is seeded with, and shows it', async () => {
  const seeds = defaultPolicies();
  for (const kind of POLICY_KINDS) {
    for (const [key, definition] of Object.entries(seeds[kind]))
      expect((await put(key, definition, kind)).statusCode).toBe(200);
    const { items } = (await api.call('GET', `/v1/policies/${kind}`)).json();
    expect(items).toHaveLength(Object.keys(seeds[kind]).length);
  }
});

test('a kind that people emptied stays empty when a worker starts', async () => {
  const policies = createPoliciesStore(api.database.db.app);
  for (const key of Object.keys(await policies.list('cap')))
    await api.call('DELETE', `/v1/policies/cap/${key}`, { as: 'admin' });
  await policies.seedEmptyKinds(defaultPolicies());
  expect(await policies.list('cap')).toEqual({});
});
