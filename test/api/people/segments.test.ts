import { createMembershipsStore } from '../../../store/memberships-store';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { putLiveSegment } from '../../support/scenario';

let api: ApiUnderTest;
const ids: number[] = [];
beforeAll(async () => {
  api = await apiUnderTest();
  for (const [age, city] of [
    [17, 'Lyon'],
    [22, 'Lyon'],
    [30, 'Paris'],
    [41, 'Lyon'],
  ] as const) {
    const made = await api.call('POST', '/v1/profiles', {
      body: { email: `p${age}@example.test`, attributes: { age, city } },
    });
    ids.push(made.json().id);
  }
});
afterAll(() => api.close());

/** What the lane of segments does. */
async function lane(): Promise<void> {
  const memberships = createMembershipsStore(api.database.db.app);
  for (const key of await memberships.unbuilt()) await memberships.build(key);
  while ((await memberships.judgeTouched()) > 0);
  while ((await memberships.clearRetired()) > 0);
}

const adults = { attribute: 'age', op: 'gte', value: 18 };

test('a version is written, tried, and only then goes live; older ones may come back', async () => {
  await api.call('POST', '/v1/segments', { body: { key: 'lyon', name: 'Lyon', rule: adults } });
  const live = (version: number) => api.call('POST', '/v1/segments/lyon/live', { body: { version } });
  expect((await live(1)).json()).toMatchObject({
    status: 409,
    code: 'segment-not-simulated',
    faults: [{ path: '/version' }],
  });
  const first = await api.call('POST', '/v1/segments/lyon/simulate', { body: {} });
  expect([first.statusCode, first.json().size, first.json().change]).toEqual([200, 3, null]);
  expect((await live(1)).json()).toMatchObject({ key: 'lyon', version: 1, builtAt: null });
  await lane();

  const rule = { all: [adults, { attribute: 'city', op: 'eq', value: 'Lyon' }] };
  await api.call('PUT', '/v1/segments/lyon', { body: { name: 'Lyon', rule } });
  expect((await live(2)).statusCode).toBe(409);
  const tried = (await api.call('POST', '/v1/segments/lyon/simulate', { body: { version: 2 } })).json();
  expect(tried).toMatchObject({
    version: 2,
    profiles: 4,
    size: 2,
    change: { version: 1, entering: 0, leaving: 1, staying: 2, leavingIds: [ids[2]] },
    inside: [{ why: { holds: true } }, { why: { holds: true } }],
  });
  // Two people fail, each by one clause, and it says which.
  const failing = tried.outside.map((one: { profileId: number; why: { parts: { holds: boolean }[] } }) => [
    one.profileId,
    one.why.parts.map((part) => part.holds),
  ]);
  expect(new Map(failing)).toEqual(
    new Map([
      [ids[0], [false, true]],
      [ids[2], [true, false]],
    ]),
  );
  expect(tried.distributions.find((d: { attribute: string }) => d.attribute === 'age')).toEqual({
    attribute: 'age',
    values: [
      { value: '22', people: 1 },
      { value: '41', people: 1 },
    ],
    others: 0,
    missing: 0,
    quartiles: [22, 26.75, 31.5, 36.25, 41],
  });
  expect(tried.reachability.find((r: { channel: string }) => r.channel === 'email')).toEqual({
    channel: 'email',
    address: 2,
    suppressed: 0,
    consented: 0,
  });
  // Trying changes nobody's segments.
  expect((await api.call('GET', `/v1/profiles/${ids[2]}/segments`, { query: {} })).json().now).toMatchObject([
    { segment: 'lyon' },
  ]);
  expect((await live(2)).statusCode).toBe(200);
  await lane();
  expect((await api.call('GET', `/v1/profiles/${ids[2]}/segments`, { query: {} })).json()).toMatchObject({
    now: [],
    history: [
      { segment: 'lyon', version: 2, entered: false, cause: 'version' },
      { segment: 'lyon', version: 1, entered: true, cause: 'version' },
    ],
  });
  expect((await live(1)).json()).toMatchObject({ version: 1 });
  await lane();
  const versions = (await api.call('GET', '/v1/segments/lyon/versions')).json().items;
  expect(versions.map((v: { version: number; liveVersion: number }) => [v.version, v.liveVersion])).toEqual([
    [2, 1],
    [1, 1],
  ]);
});

test('somebody is explained clause by clause, with what each saw', async () => {
  await putLiveSegment(api, 'keen', {
    all: [{ segment: 'lyon' }, { event: 'visit', withinDays: 7, op: 'gte', value: 2 }],
  });
  const [, anne = 0] = ids;
  const at = new Date(Date.now() - 60_000).toISOString();
  await api.call('POST', '/v1/events', { body: { id: 'v1', type: 'visit', at, profile: { id: anne } } });
  const why = async () =>
    (await api.call('GET', `/v1/profiles/${anne}/explain`, { query: { segment: 'keen' } })).json();
  expect(await why()).toMatchObject({
    segment: 'keen',
    version: 1,
    holds: false,
    memberSince: null,
    nextDue: new Date(Date.parse(at) + 7 * 86_400_000).toISOString(),
    why: {
      clause: 'all',
      parts: [
        { holds: true, clause: adults, saw: 22 },
        { holds: false, clause: { event: 'visit' }, saw: 1 },
      ],
    },
  });
  await api.call('POST', '/v1/events', { body: { id: 'v2', type: 'visit', at, profile: { id: anne } } });
  expect(await why()).toMatchObject({ holds: true, memberSince: expect.any(String) });
  const changes = await api.call('GET', '/v1/segments/keen/changes', { query: { limit: '1' } });
  expect(changes.json()).toMatchObject({
    items: [{ profileId: anne, entered: true, cause: 'event' }],
    next: null,
  });
  expect(
    (await api.call('GET', `/v1/profiles/${anne}/explain`, { query: { segment: 'none' } })).statusCode,
  ).toBe(404);
  expect(
    (await api.call('GET', '/v1/profiles/999999/explain', { query: { segment: 'keen' } })).statusCode,
  ).toBe(404);
});

test('what a rule names must be live, and never leads back to itself', async () => {
  await api.call('PUT', '/v1/segments/lost', { body: { name: 'Lost', rule: { segment: 'nobody' } } });
  expect((await api.call('POST', '/v1/segments/lost/simulate', { body: {} })).json()).toMatchObject({
    code: 'segment-unknown',
  });
  await api.call('PUT', '/v1/segments/lyon', { body: { name: 'Lyon', rule: { not: { segment: 'keen' } } } });
  expect((await api.call('POST', '/v1/segments/lyon/simulate', { body: {} })).json()).toMatchObject({
    status: 422,
    code: 'segment-cycle',
  });
  expect(
    (await api.call('POST', '/v1/segments/lyon/simulate', { body: { rule: { any: [{ age: {} }] } } })).json(),
  ).toMatchObject({ code: 'segment-invalid', faults: [{ path: '/rule/any/0' }] });
});

test('what people of a segment did is counted, and what hangs on it is named', async () => {
  await putLiveSegment(api, 'buyers', { event: 'purchase', withinDays: 60, op: 'gte', value: 1 });
  await putLiveSegment(api, 'everyone', { everyone: true });
  await putLiveSegment(api, 'others', { not: { segment: 'buyers' } });
  await lane();
  const at = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000 + 60_000).toISOString();
  const purchase = (n: number, who: number, daysAgo: number, valueCents: number) => ({
    id: `order-${n}`,
    type: 'purchase',
    at: at(daysAgo),
    profile: { id: ids[who] },
    valueCents,
  });
  await api.call('POST', '/v1/events', {
    body: [
      purchase(1, 0, 1, 1_000),
      purchase(2, 0, 2, 2_001),
      purchase(3, 1, 20, 3_000),
      purchase(4, 2, 50, 9_999),
    ],
  });
  const kpis = (await api.call('GET', '/v1/segments/buyers/kpis', { query: { days: '10' } })).json();
  expect(kpis).toMatchObject({
    members: 3,
    buyers: 1,
    conversion: 1 / 3,
    purchases30Days: 3,
    purchaseFrequency30Days: 1,
    orders: [{ currency: 'EUR', orders: 2, valueCents: 3_001, meanCents: 1_501 }],
    messages: { accepted: 0, clickRate: null },
  });
  expect(kpis.byDay.map((d: { purchases: number }) => d.purchases)).toEqual([1, 1]);
  const overlaps = (await api.call('GET', '/v1/segments/buyers/overlaps')).json().items;
  expect(overlaps[0]).toEqual({ segment: 'everyone', members: 4, both: 3 });
  expect((await api.call('GET', '/v1/segments/buyers/uses')).json().items).toEqual([
    { kind: 'segment', key: 'others', as: 'clause of its rule' },
  ]);
  for (const fact of ['kpis', 'overlaps', 'uses'])
    expect((await api.call('GET', `/v1/segments/none/${fact}`)).statusCode).toBe(404);
  expect((await api.call('GET', '/v1/segments/buyers/kpis', { query: { zone: 'Mars' } })).statusCode).toBe(
    400,
  );
});

test('a segment is retired once nothing names it: its members leave, its versions stay', async () => {
  await putLiveSegment(api, 'grown', adults);
  await putLiveSegment(api, 'grown-lyon', {
    all: [{ segment: 'grown' }, { attribute: 'city', op: 'eq', value: 'Lyon' }],
  });
  await lane();
  expect((await api.call('GET', '/v1/segments/grown/live')).json()).toMatchObject({ version: 1, members: 3 });
  expect((await api.call('DELETE', '/v1/segments/grown/live')).json()).toMatchObject({
    code: 'segment-in-use',
    faults: [{ path: '/key', message: 'segment grown-lyon: clause of its rule' }],
  });
  for (const key of ['grown-lyon', 'grown'])
    expect((await api.call('DELETE', `/v1/segments/${key}/live`)).statusCode).toBe(204);
  expect((await api.call('DELETE', '/v1/segments/grown/live')).statusCode).toBe(404);
  await lane();
  const now = (await api.call('GET', `/v1/profiles/${ids[1]}/segments`, { query: {} })).json();
  expect(now.now.map((one: { segment: string }) => one.segment)).not.toContain('grown');
  expect(now.history).toContainEqual(
    expect.objectContaining({ segment: 'grown', entered: false, cause: 'version' }),
  );
  expect((await api.call('GET', '/v1/segments/grown')).json()).toMatchObject({
    version: 1,
    liveVersion: null,
  });
  // And it may come back.
  expect((await api.call('POST', '/v1/segments/grown/live', { body: { version: 1 } })).statusCode).toBe(200);
});
