import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

const lookUp = async (addresses: unknown[]) =>
  (await api.call('POST', '/v1/suppressions/lookups', { body: { addresses } })).json().items;

test('an address is known by its fingerprint, however it is spelt, and survives the person', async () => {
  const email = 'zoe@exemple.test';
  const made = (await api.call('POST', '/v1/profiles', { body: { email, customerKey: 'z' } })).json();
  const answer = await api.call('POST', '/v1/suppressions', {
    body: [
      { address: { email: ' ZOE@Exemple.test ' }, reason: 'erasure', at: '2026-03-01T00:00:00Z' },
      { address: { phone: '06 12 00 00 01' }, reason: 'objection', scope: 'brand:maison-lumen' },
      { address: { email: 'no address' }, reason: 'complaint' },
    ],
  });
  expect(answer.json()).toEqual({
    accepted: 2,
    duplicates: 0,
    rejected: [{ index: 2, code: 'email-invalid' }],
  });
  const { app } = api.database.db;
  await app`delete from profile_keys where profile_id = ${made.id}`;
  await app`delete from profile_keys where profile_id = ${made.id}`;
  await app`delete from profiles where id = ${made.id}`;
  const again = (await api.call('POST', '/v1/profiles', { body: { email, customerKey: 'z2' } })).json();
  expect(again.id).not.toBe(made.id);
  const [row] = await app`
    select s.scope, s.reason from profiles p join suppressions s on s.fingerprint = p.email_fp where p.id = ${again.id}`;
  expect(row).toEqual({ scope: 'global', reason: 'erasure' });

  const [byEmail, byPhone, nothing, broken] = await lookUp([
    { email },
    { phone: '+33612000001' },
    { email: 'other@exemple.test' },
    { email: 'no address' },
  ]);
  expect(byEmail.suppressions).toEqual([
    {
      scope: 'global',
      reason: 'erasure',
      at: '2026-03-01T00:00:00.000Z',
      source: 'api',
      recordedBy: 'editor',
    },
  ]);
  expect(byPhone.suppressions).toMatchObject([{ scope: 'brand:maison-lumen', reason: 'objection' }]);
  expect(nothing.suppressions).toEqual([]);
  expect(broken).toEqual({ code: 'email-invalid' });
  expect(await lookUp([{ fingerprint: byEmail.fingerprint }])).toEqual([byEmail]);
  const kept = JSON.stringify(await app`select * from suppressions`);
  expect(kept).not.toContain('exemple');
});

test('is lifted by an admin alone, with a reason that is in the audit', async () => {
  await api.call('POST', '/v1/suppressions', {
    body: { address: { email: 'lift@exemple.test' }, reason: 'hard-bounce' },
  });
  const [{ fingerprint }] = await lookUp([{ email: 'lift@exemple.test' }]);
  const lift = (as: 'editor' | 'admin', query: Record<string, string>) =>
    api.call('DELETE', `/v1/suppressions/${fingerprint}`, { as, query });
  expect((await lift('editor', { reason: 'owner-asked' })).statusCode).toBe(403);
  expect((await lift('admin', {})).statusCode).toBe(400);
  expect((await lift('admin', { reason: 'owner-asked', scope: 'brand:maison-lumen' })).statusCode).toBe(404);
  expect((await lift('admin', { reason: 'owner-asked' })).statusCode).toBe(204);
  expect((await lookUp([{ fingerprint }]))[0].suppressions).toEqual([]);
  const [audited] = await api.database.db.app`
    select principal, target from audit_log where status = 204 order by id desc limit 1`;
  expect(audited).toEqual({ principal: 'admin', target: `${fingerprint}/global/owner-asked` });
});

test('a file of them: a bad row is told with its line and reason, the rest goes in, once', async () => {
  const [{ fingerprint }] = await lookUp([{ email: 'known@exemple.test' }]);
  const file = [
    'address,channel,scope,reason,at,remark',
    'one@exemple.test,email,,hard-bounce,2025-05-01,',
    '0612000077,sms,brand:maison-lumen,objection,31/12/2025,',
    `${fingerprint},letter,global,erasure,,`,
    'not an address,email,,complaint,2025-05-01,',
    'two@exemple.test,email,,because,2025-05-01,',
    'three@exemple.test,email,everywhere,complaint,2025-05-01,',
    'four@exemple.test,pigeon,,complaint,2025-05-01,',
    'five@exemple.test,email,,complaint,soon,',
    'six@exemple.test,email,,complaint',
    'seven@exemple.test,email,,complaint,2099-01-01,',
    'eight@exemple.test,email,,complaint,2025-05-01,last',
  ].join('\n');
  const send = () =>
    api.call('POST', '/v1/suppressions/import', { headers: { 'content-type': 'text/csv' }, body: file });
  const done = (await send()).json();
  expect(done).toMatchObject({ rows: 11, accepted: 4, duplicates: 0, rejected: 7 });
  expect(
    done.rejects.map((one: { line: number; field: string; code: string }) => [one.line, one.field, one.code]),
  ).toEqual([
    [5, '*', 'email-invalid'],
    [6, 'reason', 'reason-invalid'],
    [7, 'scope', 'scope-invalid'],
    [8, 'channel', 'channel-invalid'],
    [9, 'at', 'at-invalid'],
    [10, '*', 'wrong-column-count'],
    [11, '*', 'date-in-future'],
  ]);
  expect(JSON.stringify(done)).not.toContain('exemple');
  expect((await send()).json()).toMatchObject({ accepted: 0, duplicates: 4, rejected: 7 });
  expect(
    (await lookUp([{ fingerprint }, { phone: '0612000077' }])).map(
      (one: { suppressions: unknown }) => one.suppressions,
    ),
  ).toMatchObject([
    [{ scope: 'global', reason: 'erasure', source: 'import' }],
    [{ scope: 'brand:maison-lumen', reason: 'objection', at: '2025-12-31T00:00:00.000Z' }],
  ]);
  const headless = await api.call('POST', '/v1/suppressions/import', {
    headers: { 'content-type': 'text/csv' },
    body: 'mail\na@b.fr\n',
  });
  expect([headless.statusCode, headless.json().code]).toEqual([422, 'csv-unreadable']);
});

test('under one key one file is meant: another, as long as it, is not passed over in silence', async () => {
  const send = (who: string) =>
    api.call('POST', '/v1/suppressions/import', {
      headers: { 'content-type': 'text/csv', 'idempotency-key': 'monday' },
      body: `address,channel,scope,reason,at\n${who}@exemple.test,email,,complaint,2025-05-01\n`,
    });
  const first = await send('anna');
  expect(first.json()).toMatchObject({ accepted: 1 });
  const again = await send('anna');
  expect([again.headers['idempotent-replay'], again.json()]).toEqual(['true', first.json()]);
  const other = await send('emma');
  expect([other.statusCode, other.json().code]).toEqual([422, 'idempotency-mismatch']);
  expect((await lookUp([{ email: 'emma@exemple.test' }]))[0].suppressions).toEqual([]);
});
