import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

describe('profiles', () => {
  const camille = {
    customerKey: 'c-001',
    email: 'camille@example.test',
    firstName: 'Camille',
    postcode: '75011',
    attributes: { age: 34 },
  };

  test('are made, merged, found by what identifies them, and shown without it', async () => {
    const made = await api.call('POST', '/v1/profiles', { body: camille });
    expect([made.statusCode, made.json().outcome]).toEqual([201, 'created']);
    const { id } = made.json<{ id: number }>();
    const merged = await api.call('PUT', '/v1/profiles', {
      body: { email: 'Camille@Example.test', attributes: { city: 'Paris' } },
    });
    expect([merged.statusCode, merged.json()]).toEqual([200, { id, outcome: 'merged', conflicts: [] }]);

    const shown = await api.call('GET', `/v1/profiles/${id}`, { as: 'viewer' });
    expect(shown.json()).toMatchObject({
      id,
      area: '75',
      attributes: { age: 34, city: 'Paris' },
      reachable: { email: true, phone: false, post: false },
    });
    expect(shown.body).not.toContain('amille');
    for (const query of [{ customerKey: 'c-001' }, { email: 'camille@example.test' }]) {
      expect((await api.call('GET', '/v1/profiles', { query })).json()).toMatchObject({
        items: [{ id }],
        next: null,
      });
    }
  });

  test('come by pages', async () => {
    for (const n of [1, 2, 3]) await api.call('POST', '/v1/profiles', { body: { customerKey: `page-${n}` } });
    const first = (await api.call('GET', '/v1/profiles?limit=2')).json();
    const second = (await api.call('GET', `/v1/profiles?limit=2&after=${first.next}`)).json();
    expect(second.items[0].id).toBeGreaterThan(first.items[1].id);
  });

  test('looking people up takes more than looking on', async () => {
    expect(
      (await api.call('GET', '/v1/profiles?email=camille@example.test', { as: 'viewer' })).statusCode,
    ).toBe(403);
  });

  test.each<[string, unknown, string]>([
    ['no key at all', { firstName: 'Nobody' }, '/customerKey'],
    ['an address that is none', { email: 'not-an-address' }, '/email'],
    ['what Boucle keeps up', { customerKey: 'c-9', attributes: { orders: 9 } }, '/attributes/orders'],
  ])('%s', async (_name, body, path) => {
    const answer = await api.call('POST', '/v1/profiles', { body });
    expect(answer.json()).toMatchObject({ status: 400, code: 'invalid-request', faults: [{ path }] });
  });

  test('nobody is nobody', async () => {
    expect((await api.call('GET', '/v1/profiles/987654321')).statusCode).toBe(404);
    expect((await api.call('GET', '/v1/profiles?customerKey=nobody')).statusCode).toBe(404);
  });
});

describe('events', () => {
  const event = (id: string, customerKey = 'ev-1') => ({
    id,
    type: 'purchase',
    at: '2026-10-05T10:00:00+02:00',
    profile: { customerKey },
    valueCents: 4_990,
  });

  test('one or many, each once by its id; unknown people are told by place', async () => {
    await api.call('POST', '/v1/profiles', { body: { customerKey: 'ev-1' } });
    expect((await api.call('POST', '/v1/events', { body: event('a') })).json()).toEqual({
      accepted: 1,
      duplicates: 0,
      rejected: [],
    });
    const many = await api.call('POST', '/v1/events', {
      body: [event('a'), event('b'), event('c', 'nobody')],
    });
    expect(many.json()).toEqual({
      accepted: 1,
      duplicates: 1,
      rejected: [
        { index: 2, code: 'profile-unknown', faults: [{ path: '/profile', message: expect.any(String) }] },
      ],
    });
    const [row] = await api.database.db.app<{ at: Date }[]>`select at from events where id = 'a'`;
    expect(row?.at.toISOString()).toBe('2026-10-05T08:00:00.000Z');
  });

  test('a thousand, not more, not none', async () => {
    const events = Array.from({ length: 1_000 }, (_, n) => event(`k${n}`));
    expect((await api.call('POST', '/v1/events', { body: events })).json()).toMatchObject({
      accepted: 1_000,
    });
    expect((await api.call('POST', '/v1/events', { body: [...events, event('k1000')] })).statusCode).toBe(
      400,
    );
    expect((await api.call('POST', '/v1/events', { body: [] })).statusCode).toBe(400);
  });
});

const rule = {
  all: [{ attribute: 'age', op: 'gte', value: 18 }, { not: { attribute: 'area', in: ['75', '92'] } }],
};

describe('segments', () => {
  test('versions: another rule is a new one, the same is the one that is there', async () => {
    const post = await api.call('POST', '/v1/segments', { body: { key: 'adultes', name: 'Adultes', rule } });
    expect([post.statusCode, post.json().version]).toEqual([201, 1]);
    expect(
      (await api.call('PUT', '/v1/segments/adultes', { body: { name: 'Adultes', rule } })).json().version,
    ).toBe(1);
    expect(
      (
        await api.call('PUT', '/v1/segments/adultes', { body: { name: 'Adultes', rule: { everyone: true } } })
      ).json().version,
    ).toBe(2);
    expect((await api.call('GET', '/v1/segments/adultes?version=1')).json().rule).toEqual(rule);
    expect((await api.call('GET', '/v1/segments')).json().items).toMatchObject([
      { key: 'adultes', version: 2 },
    ]);
    expect((await api.call('GET', '/v1/segments/none')).statusCode).toBe(404);
    expect((await api.call('GET', '/v1/segments/adultes?version=9')).statusCode).toBe(404);
  });

  test('preview counts the segment, or a rule given instead', async () => {
    for (const age of [17, 18, 64])
      await api.call('POST', '/v1/profiles', { body: { customerKey: `age-${age}`, attributes: { age } } });
    const adults = await api.call('POST', '/v1/segments/adultes/preview', {
      as: 'viewer',
      body: { rule: { attribute: 'age', op: 'gte', value: 64 } },
    });
    expect(adults.json()).toEqual({ size: 1 });
    const everyone = await api.call('POST', '/v1/segments/adultes/preview', { as: 'viewer' });
    expect(everyone.json().size).toBeGreaterThanOrEqual(3);
    expect((await api.call('POST', '/v1/segments/none/preview')).statusCode).toBe(404);
  });

  test('a rule that is none says where', async () => {
    const answer = await api.call('POST', '/v1/segments/adultes/preview', { body: { rule: { any: [] } } });
    expect(answer.json()).toMatchObject({
      code: 'segment-invalid',
      status: 422,
      faults: [{ path: '/rule/any' }],
    });
  });
});
