import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
let ids: { ada: number; bob: number };
beforeAll(async () => {
  api = await apiUnderTest();
  const made = await Promise.all(
    [{ customerKey: 'ada', email: 'ada@example.test', phone: '+33612345678' }, { customerKey: 'bob' }].map(
      async (body) => (await api.call('POST', '/v1/profiles', { body })).json<{ id: number }>().id,
    ),
  );
  ids = { ada: made[0] ?? 0, bob: made[1] ?? 0 };
});
afterAll(() => api.close());

const contact = (externalId: string, profile: unknown) => ({
  source: 'old-tool',
  externalId,
  profile,
  at: '2026-10-05T10:00:00+02:00',
  nature: 'promotion',
  channel: 'email',
  department: 'crm',
});
const kept = () => api.database.db.app<{ external_id: string; profile_id: number; format: string | null }[]>`
  select external_id, profile_id, format from contacts order by external_id`;

test('live: by whichever key, each once by source and id; who is not known is told by place', async () => {
  const body = [
    contact('1', { id: ids.ada }),
    contact('2', { customerKey: 'bob' }),
    contact('3', { email: 'ADA@example.test' }),
    { ...contact('4', { phone: '06 12 34 56 78' }), format: 'long' },
    contact('4', { customerKey: 'ada' }),
    contact('5', { customerKey: 'nobody' }),
    { ...contact('6', { id: ids.bob }), at: '2199-01-01T00:00:00Z' },
  ];
  expect((await api.call('POST', '/v1/contacts', { body })).json()).toEqual({
    accepted: 4,
    duplicates: 1,
    rejected: [
      { index: 5, code: 'profile-unknown' },
      { index: 6, code: 'in-future' },
    ],
  });
  expect((await api.call('POST', '/v1/contacts', { body: body[0] })).json()).toMatchObject({
    accepted: 0,
    duplicates: 1,
  });
  expect((await kept()).map((row) => [row.external_id, row.profile_id, row.format])).toEqual([
    ['1', ids.ada, null],
    ['2', ids.bob, null],
    ['3', ids.ada, null],
    ['4', ids.ada, 'long'],
  ]);
});

test('nobody speaks for us', async () => {
  const answer = await api.call('POST', '/v1/contacts', {
    body: { ...contact('7', { id: ids.ada }), source: 'boucle' },
  });
  expect(answer.json()).toMatchObject({ status: 400, faults: [{ path: '/source' }] });
});

const HEADER = 'source;external_id;customer_key;phone;at;nature;channel;department;format;remark';
const csv = (lines: readonly string[], key?: string) =>
  api.call('POST', '/v1/contacts/import?delimiter=;', {
    body: [HEADER, ...lines].join('\r\n'),
    headers: { 'content-type': 'text/csv', ...(key === undefined ? {} : { 'idempotency-key': key }) },
  });

test('history: a bad row is told by line, field and reason, and the rest goes in, once', async () => {
  const lines = [
    'esp;a;ada;;2026-09-01;newsletter;email;press;long;"two\r\nlines"',
    'esp;b;nobody;;2026-09-01;newsletter;email;press;;',
    'esp;c;bob;;yesterday;spam;email;press;;',
    'esp;d;;0612345678;31/08/2026;newsletter;sms;press;;',
    'esp;e;;;2026-09-01;newsletter;email;press;;',
    'esp;"f"x;ada;;2026-09-01;newsletter;email;press;;',
    'esp;g;ada',
  ];
  const answer = (await csv(lines)).json();
  expect(answer).toMatchObject({ rows: 7, accepted: 2, duplicates: 0, rejected: 5 });
  expect(answer.rejects).toEqual([
    { line: 4, field: '*', code: 'profile-unknown', reason: expect.any(String) },
    { line: 5, field: 'at', code: 'at-invalid', reason: expect.any(String) },
    { line: 5, field: 'nature', code: 'nature-invalid', reason: expect.any(String) },
    { line: 7, field: 'profile_id|customer_key|email|phone', code: 'no-key', reason: expect.any(String) },
    { line: 8, field: '*', code: 'quotes-broken', reason: expect.any(String) },
    { line: 9, field: '*', code: 'wrong-column-count', reason: expect.any(String) },
  ]);
  expect(JSON.stringify(answer)).not.toMatch(/yesterday|spam|nobody is known by nobody/);
  expect((await csv(lines)).json()).toMatchObject({ accepted: 0, duplicates: 2, rejected: 5 });
  const rows = await api.database.db.app<{ profile_id: number; at: Date }[]>`
    select profile_id, at from contacts where source = 'esp' order by external_id`;
  expect(rows.map((row) => [row.profile_id, row.at.toISOString()])).toEqual([
    [ids.ada, '2026-09-01T00:00:00.000Z'],
    [ids.ada, '2026-08-31T00:00:00.000Z'],
  ]);
});

test('a file of more than one batch goes in whole, and a repeated call with its key is answered the same', async () => {
  const lines = Array.from(
    { length: 2_500 },
    (_, n) => `bulk;${n};${n % 2 ? 'ada' : 'bob'};;2026-09-01;service;email;care;;`,
  );
  const first = await csv(lines, 'bulk-1');
  expect(first.json()).toMatchObject({ rows: 2_500, accepted: 2_500, rejected: 0 });
  const again = await csv(lines, 'bulk-1');
  expect([again.json(), again.headers['idempotent-replay']]).toEqual([first.json(), 'true']);
});

test('a file without the columns is not read', async () => {
  const answer = await api.call('POST', '/v1/contacts/import', {
    body: 'source,external_id\na,b\n',
    headers: { 'content-type': 'text/csv' },
  });
  expect([answer.statusCode, answer.json().code]).toEqual([422, 'csv-unreadable']);
});
