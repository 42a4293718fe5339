import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

const profile = async (body: unknown): Promise<number> =>
  (await api.call('POST', '/v1/profiles', { body })).json<{ id: number }>().id;

describe('sources', () => {
  const source = { owner: 'caisse', format: 'api', every: 'daily', legalBasis: 'contract' };

  test('are registered, shown with when they came, and taken off', async () => {
    const put = await api.call('PUT', '/v1/sources/api', { body: source });
    expect([put.statusCode, put.json()]).toMatchObject([
      200,
      { key: 'api', definition: { ...source, staleDays: 365 }, lastAt: null, lateSince: null },
    ]);
    await profile({ customerKey: 's-1' });
    const shown = (await api.call('GET', '/v1/sources/api', { as: 'viewer' })).json();
    expect(Date.parse(shown.nextExpectedAt) - Date.parse(shown.lastAt)).toBe(86_400_000);
    expect((await api.call('GET', '/v1/sources')).json().items).toHaveLength(1);
    expect((await api.call('DELETE', '/v1/sources/api')).statusCode).toBe(204);
    expect((await api.call('DELETE', '/v1/sources/api')).json().code).toBe('not-found');
    expect((await api.call('GET', '/v1/sources/api')).statusCode).toBe(404);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a rhythm that is none', { every: 'often' }, '/every'],
    ['a legal basis that is none', { legalBasis: 'because' }, '/legalBasis'],
    ['nobody to ask', { owner: '' }, '/owner'],
  ])('%s', async (_name, change, path) => {
    const answer = await api.call('PUT', '/v1/sources/x', { body: { ...source, ...change } });
    expect([answer.statusCode, answer.json().faults[0].path]).toEqual([400, path]);
  });
});

describe('merges', () => {
  test('by hand, shown with which source won, and undone', async () => {
    const kept = await profile({ customerKey: 'm-1', attributes: { age: 40 } });
    const merged = await profile({ email: 'm@exemple.fr', attributes: { age: 41 } });
    const body = { kept, merged, reason: 'same household card' };
    expect((await api.call('POST', '/v1/profile-merges', { body, as: 'editor' })).statusCode).toBe(403);
    const made = await api.call('POST', '/v1/profile-merges', { body, as: 'admin' });
    expect([made.statusCode, made.json()]).toMatchObject([
      201,
      { kept, merged, reason: 'same household card', won: { 'attributes.age': 'api' }, undoneAt: null },
    ]);
    const { id } = made.json();
    expect((await api.call('GET', `/v1/profiles/${merged}`)).json()).toMatchObject({ mergedInto: kept });
    expect((await api.call('GET', `/v1/profiles/${kept}`)).json()).toMatchObject({
      mergedInto: null,
      attributes: { age: 41 },
      reachable: { email: true },
    });
    const again = await api.call('POST', '/v1/profile-merges', { body, as: 'admin' });
    expect([again.statusCode, again.json().code]).toEqual([409, 'conflict']);
    const itself = { ...body, merged: kept };
    expect((await api.call('POST', '/v1/profile-merges', { body: itself, as: 'admin' })).statusCode).toBe(
      409,
    );
    const nobody = { ...body, merged: 999_999 };
    expect((await api.call('POST', '/v1/profile-merges', { body: nobody, as: 'admin' })).statusCode).toBe(
      404,
    );

    const undone = await api.call('POST', `/v1/profile-merges/${id}/undo`, { as: 'admin' });
    expect([undone.statusCode, undone.json().undoneAt]).toEqual([200, expect.any(String)]);
    expect((await api.call('POST', `/v1/profile-merges/${id}/undo`, { as: 'admin' })).statusCode).toBe(409);
    expect((await api.call('GET', `/v1/profile-merges?profile=${merged}`)).json().items).toMatchObject([
      { id },
    ]);
    expect((await api.call('GET', `/v1/profiles/${merged}`)).json()).toMatchObject({
      mergedInto: null,
      attributes: { age: 41 },
    });
    expect((await api.call('GET', `/v1/profiles/${kept}`)).json()).toMatchObject({
      attributes: { age: 40 },
      reachable: { email: false },
    });
  });
});

test('quality is counted for today on demand and shown by day', async () => {
  expect((await api.call('GET', '/v1/data-quality')).json()).toEqual({ items: [], next: null });
  await profile({ customerKey: 'q-1' });
  const counted = await api.call('POST', '/v1/data-quality');
  const today = new Date().toISOString().slice(0, 10);
  expect(counted.json().items).toContainEqual(
    expect.objectContaining({ day: today, source: '*', field: 'customerKey' }),
  );
  const shown = await api.call('GET', `/v1/data-quality?from=${today}&source=*&field=email`, {
    as: 'viewer',
  });
  expect(shown.json().items).toHaveLength(1);
  expect((await api.call('GET', '/v1/data-quality?from=yesterday')).statusCode).toBe(400);
});

test('quality is read page by page, the day without days staying that of the first page', async () => {
  const page = async (query: Record<string, string>) =>
    (await api.call('GET', '/v1/data-quality', { as: 'viewer', query })).json();
  const day = (date: string) => api.database.db.app`
    insert into data_quality (day, source, field, profiles, missing, doubtful, stale, duplicate)
    select ${date}::date, s, f, 1, 0, 0, 0, 0
    from unnest(array['*', 'a "mark":', 'crm']) s, unnest(array['attributes.é', 'email']) f`;
  await day('1999-01-01');
  await day('1999-01-02');
  const asked = { from: '1999-01-01', to: '1999-01-02' };
  const whole = (await page(asked)).items;
  expect(whole).toHaveLength(12);
  const read = [];
  let next: string | null = '';
  while (next !== null) {
    const answer: { items: unknown[]; next: string | null } = await page({
      ...asked,
      limit: '5',
      ...(next === '' ? {} : { after: next }),
    });
    expect(answer.items.length).toBeLessThanOrEqual(5);
    read.push(...answer.items);
    next = answer.next;
  }
  expect(read).toEqual(whole);

  const first = await page({ limit: '1' });
  await api.database.db
    .app`insert into data_quality select '2999-01-01', source, field, profiles, missing, doubtful, stale, duplicate
    from data_quality where day = (select max(day) from data_quality)`;
  const second = await page({ limit: '1', after: first.next });
  expect(second.items).toMatchObject([{ day: first.items[0].day }]);
  for (const after of ['x', '[]', '["1999-13-01","*","email"]', '["1999-01-01","\\u0000","email"]'])
    expect((await api.call('GET', '/v1/data-quality', { query: { after } })).json()).toMatchObject({
      status: 400,
      faults: [{ path: '/query/after' }],
    });
});
