import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { sweepPersonal } from '../../../store/personal-sweep';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
  const put = await api.call('PUT', '/v1/policies/event-type/survey-answer', {
    as: 'admin',
    body: {
      type: 'survey-answer',
      about: 'Answered',
      properties: { survey: { type: 'text', required: true } },
    },
  });
  expect(put.json()).toEqual({ key: 'survey-answer', changed: true });
  await api.call('POST', '/v1/profiles', { body: { customerKey: 'known' } });
});
afterAll(() => api.close());

const event = (id: string, change: Record<string, unknown> = {}) => ({
  id,
  type: 'survey-answer',
  at: '2026-10-05T10:00:00+02:00',
  profile: { customerKey: 'known' },
  properties: { survey: 'nps' },
  ...change,
});
const post = (body: unknown) => api.call('POST', '/v1/events', { body });
/** By their reasons in order. */
const waiting = async (query: Record<string, string> = {}) =>
  (await api.call('GET', '/v1/event-dead-letters', { query }))
    .json()
    .items.sort((a: { reason: string }, b: { reason: string }) => (a.reason < b.reason ? -1 : 1));

test('of several the good go in; the others wait with their reason, are mended, and are replayed', async () => {
  const stranger = event('b', { profile: { customerKey: 'stranger' } });
  const batch = [
    event('a'),
    stranger,
    event('c', { properties: {} }),
    { odd: ['whatever', { comes: 1 }] },
    event('a'),
  ];
  const expected = {
    accepted: 1,
    duplicates: 1,
    rejected: [
      { index: 1, code: 'profile-unknown', faults: [{ path: '/profile' }] },
      { index: 2, code: 'event-type-mismatch', faults: [{ path: '/properties/survey' }] },
      { index: 3, code: 'event-invalid' },
    ],
  };
  expect((await post(batch)).json()).toMatchObject(expected);
  // The same call again, and what cannot be used twice in one, wait once.
  expect((await post([...batch, stranger])).json()).toMatchObject({ accepted: 0, duplicates: 2 });
  const letters = await waiting();
  expect(letters.map((one: { eventId: string; reason: string }) => [one.eventId, one.reason])).toEqual([
    [null, 'event-invalid'],
    ['c', 'event-type-mismatch'],
    ['b', 'profile-unknown'],
  ]);
  expect(letters[0].body).toEqual(batch[3]);

  // The person is known by now; the survey is not.
  await api.call('POST', '/v1/profiles', { body: { customerKey: 'stranger' } });
  const ids = letters.map((one: { id: number }) => one.id);
  const again = await api.call('POST', '/v1/event-dead-letters/replay', { body: { ids } });
  expect(again.json()).toMatchObject({ accepted: 1, duplicates: 0 });
  expect(again.json().rejected).toHaveLength(2);
  expect((await waiting({ reason: 'profile-unknown' })).length).toBe(0);
  expect((await waiting({ all: 'true' })).length).toBe(3);

  const mend = (id: number, body: unknown) => api.call('PUT', `/v1/event-dead-letters/${id}`, { body });
  // Another event, or none, is not what waits there: it stays as it is.
  for (const [body, path] of [
    [event('z'), '/id'],
    [[event('c')], ''],
  ] as const)
    expect((await mend(ids[1], body)).json()).toMatchObject({ status: 400, faults: [{ path }] });
  expect((await waiting()).map((one: { eventId: string }) => one.eventId)).toContain('c');
  expect((await mend(ids[1], event('c'))).json()).toMatchObject({ accepted: 1, rejected: [] });
  expect((await mend(ids[1], event('c'))).statusCode).toBe(404);
  expect((await mend(ids[0], event('d', { at: '2199-01-01T00:00:00Z' }))).json().rejected).toMatchObject([
    { code: 'event-ahead' },
  ]);
  const [left] = await waiting();
  expect(left).toMatchObject({ id: ids[0], eventId: 'd', reason: 'event-ahead' });
  expect((await api.call('DELETE', `/v1/event-dead-letters/${left.id}`)).statusCode).toBe(204);
  expect((await api.call('DELETE', `/v1/event-dead-letters/${left.id}`)).statusCode).toBe(404);
  const { count } = await api.database.db.app`select from events where id in ('a', 'b', 'c')`;
  expect(count).toBe(3);
});

test('one alone that is no event is told so at once, and waits until it comes as it should be', async () => {
  expect((await post({ id: 'x' })).json()).toMatchObject({ status: 400, code: 'invalid-request' });
  expect((await post({ id: 'x', type: 'visit' })).json()).toMatchObject({
    status: 400,
    faults: [{ path: '/at' }, { path: '/profile' }],
  });
  expect(await waiting({ reason: 'event-invalid' })).toMatchObject([
    { eventId: 'x', body: { id: 'x', type: 'visit' } },
  ]);
  expect((await post(event('x'))).json()).toMatchObject({ accepted: 1 });
  expect(await waiting({ reason: 'event-invalid' })).toEqual([]);
  for (const body of ['1', 'null', '"text"'])
    expect(
      (await api.call('POST', '/v1/events', { body, headers: { 'content-type': 'application/json' } }))
        .statusCode,
    ).toBe(400);
  for (const as of ['viewer', 'approver'] as const)
    expect((await api.call('GET', '/v1/event-dead-letters', { as })).statusCode).toBe(403);
});

test('one policy alone is about a type', async () => {
  const other = { type: 'survey-answer', about: 'Another look at it' };
  const put = await api.call('PUT', '/v1/policies/event-type/surveys', { as: 'admin', body: other });
  expect(put.json()).toMatchObject({ status: 409, code: 'conflict', faults: [{ path: '/type' }] });
});

test('what is no event at all among others is kept to the letter, whatever it holds', async () => {
  const odd = [null, 7, [], { id: '\u0000', '\ud800': '\u0000' }];
  const taken = (
    await api.call('POST', '/v1/events', {
      body: [...odd, event('among')],
      headers: { 'idempotency-key': 'odd-ones' },
    })
  ).json();
  expect(taken.accepted).toBe(1);
  expect(taken.rejected.map((one: { index: number; code: string }) => [one.index, one.code])).toEqual(
    odd.map((_, index) => [index, 'event-invalid']),
  );
  const letters = (await waiting({ reason: 'event-invalid' })) as { id: number; body: unknown }[];
  expect(letters.sort((a, b) => a.id - b.id).map(({ body }) => body)).toEqual(expect.arrayContaining(odd));
  expect(letters).toHaveLength(odd.length);

  const replay = (after?: string) =>
    api.call('POST', '/v1/event-dead-letters/replay', {
      body: { reason: 'event-invalid', limit: 3, ...(after === undefined ? {} : { after }) },
    });
  const first = (await replay()).json();
  expect(first.rejected.map((one: { id: number }) => one.id)).toEqual(
    letters.slice(0, 3).map(({ id }) => id),
  );
  const second = (await replay(first.next)).json();
  expect(second).toMatchObject({ accepted: 0, rejected: [{ id: letters[3]?.id }], next: null });
  for (const { id } of letters) await api.call('DELETE', `/v1/event-dead-letters/${id}`);
});

test('what nobody has mended in 90 days is forgotten', async () => {
  await post([event('old', { profile: { customerKey: 'nobody' } })]);
  await post([event('new', { profile: { customerKey: 'nobody' } })]);
  await api.database.db.identity`
    update identity.event_dead_letters set received_at = now() - interval '91 days' where event_id = 'old'`;
  expect((await sweepPersonal(api.database.db.identity)).deadLetters).toBeGreaterThan(0);
  expect((await waiting()).map((one: { eventId: string }) => one.eventId)).toEqual(['new']);
});
