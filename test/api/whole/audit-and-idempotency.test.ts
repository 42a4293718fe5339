import { setTimeout as sleep } from 'node:timers/promises';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { createIdempotencyStore } from '../../../store/idempotency-store';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

const segment = (name: string) => ({ name, rule: { everyone: true } });
const lastAudit = async () => {
  const [row] = await api.database.db.app<
    {
      id: number;
      principal: string;
      action: string;
      target: string | null;
      status: number;
      request_id: string;
      details: object;
    }[]
  >`select * from audit_log order by id desc limit 1`;
  return row;
};
const audits = async (): Promise<number> => {
  const [row] = await api.database.db.app<{ n: number }[]>`select count(*) as n from audit_log`;
  return row?.n ?? 0;
};

describe('audit', () => {
  test('one row a mutating call, with who, what, on what, and what came of it', async () => {
    const answer = await api.call('PUT', '/v1/segments/tous', { body: segment('Tous') });
    expect(await lastAudit()).toMatchObject({
      principal: 'editor',
      action: 'PUT /v1/segments/:key',
      target: 'tous',
      status: 200,
      request_id: answer.headers['x-request-id'],
      details: { key: api.keys.editor.split('_')[1] },
    });
  });

  test('refused calls too', async () => {
    await api.call('PUT', '/v1/segments/tous', { as: 'viewer', body: segment('Tous') });
    expect(await lastAudit()).toMatchObject({ principal: 'viewer', status: 403 });
    await api.call('PUT', '/v1/segments/tous', { body: { name: 1 } });
    expect(await lastAudit()).toMatchObject({ principal: 'editor', status: 400 });
  });

  test('neither reading nor computing', async () => {
    const before = await audits();
    await api.call('GET', '/v1/segments');
    const preview = await api.call('POST', '/v1/segments/tous/preview', { as: 'viewer', body: {} });
    expect(preview.json()).toEqual({ size: 0 });
    expect(await audits()).toBe(before);
  });

  test('is read by admins, newest first, page by page', async () => {
    const first = (await api.call('GET', '/v1/audit?limit=2', { as: 'admin' })).json();
    expect(first.items).toHaveLength(2);
    expect(first.items[0].id).toBeGreaterThan(first.items[1].id);
    const second = (await api.call('GET', `/v1/audit?limit=2&after=${first.next}`, { as: 'admin' })).json();
    expect(second.items[0].id).toBeLessThan(first.items[1].id);
  });
});

describe('Idempotency-Key', () => {
  const headers = (key: string) => ({ 'idempotency-key': key });

  test('the same call again gets the same answer and does nothing', async () => {
    const call = () =>
      api.call('POST', '/v1/segments', {
        body: { key: 'une-fois', ...segment('Une fois') },
        headers: headers('k1'),
      });
    const first = await call();
    const second = await call();
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.body).toBe(first.body);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    expect(second.headers['idempotent-replay']).toBe('true');
    expect(await lastAudit()).toMatchObject({ details: { replayed: true } });
  });

  test('a refusal is an answer and is kept', async () => {
    const call = () => api.call('POST', '/v1/scenarios/absent/archive', { headers: headers('k2') });
    expect((await call()).statusCode).toBe(404);
    const again = await call();
    expect([again.statusCode, again.headers['idempotent-replay']]).toEqual([404, 'true']);
  });

  test('another body, another address: 422', async () => {
    await api.call('PUT', '/v1/segments/a', { body: segment('A'), headers: headers('k3') });
    const body = await api.call('PUT', '/v1/segments/a', { body: segment('B'), headers: headers('k3') });
    const url = await api.call('PUT', '/v1/segments/b', { body: segment('A'), headers: headers('k3') });
    expect([body.json().code, url.json().code]).toEqual(['idempotency-mismatch', 'idempotency-mismatch']);
  });

  test('keys of two people are two keys', async () => {
    await api.call('PUT', '/v1/segments/c', { body: segment('C'), headers: headers('k4') });
    const other = await api.call('PUT', '/v1/segments/d', {
      as: 'admin',
      body: segment('D'),
      headers: headers('k4'),
    });
    expect(other.statusCode).toBe(200);
  });

  test('of many at once exactly one runs', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        api.call('POST', '/v1/profiles', { body: { customerKey: 'c-race' }, headers: headers('k5') }),
      ),
    );
    const ran = answers.filter((a) => a.statusCode === 201 && a.headers['idempotent-replay'] === undefined);
    const others = answers.filter((a) => !ran.includes(a));
    expect(ran).toHaveLength(1);
    expect(
      others.every(
        (a) => a.headers['idempotent-replay'] === 'true' || a.json().code === 'idempotency-running',
      ),
    ).toBe(true);
  });

  test('a call that still runs: 409', async () => {
    const store = createIdempotencyStore(api.database.db.app);
    const { app } = api.database.db;
    await api.call('PUT', '/v1/segments/e', { body: segment('E'), headers: headers('k6') });
    await app`update idempotency_keys set status = null where key = 'k6'`;
    const running = await api.call('PUT', '/v1/segments/e', { body: segment('E'), headers: headers('k6') });
    expect([running.statusCode, running.json().code, running.headers['retry-after']]).toEqual([
      409,
      'idempotency-running',
      '1',
    ]);

    // Whose process died is taken over; what is older than a day is forgotten.
    await app`update idempotency_keys set created_at = now() - interval '6 minutes' where key = 'k6'`;
    const taken = await api.call('PUT', '/v1/segments/e', { body: segment('E'), headers: headers('k6') });
    expect([taken.statusCode, taken.headers['idempotent-replay']]).toEqual([200, undefined]);
    await app`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'k6'`;
    const new_ = await api.call('PUT', '/v1/segments/f', { body: segment('F'), headers: headers('k6') });
    expect(new_.statusCode).toBe(200);
    await app`update idempotency_keys set created_at = now() - interval '25 hours' where key = 'k6'`;
    expect(await store.sweep()).toBe(1);
  });

  test('a fault of ours is not kept: the same call may be made again', async () => {
    const mapping = { source: 'crm', fields: [{ column: 'id', to: 'customerKey' }] };
    await api.call('PUT', '/v1/imports/mappings/crm', { body: mapping });
    const { db } = api.database;
    const call = () =>
      api.call('POST', '/v1/imports?mapping=crm', {
        body: 'id\n1\n',
        headers: { ...headers('k7'), 'content-type': 'text/csv' },
      });
    api.temporal.fault = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    expect((await call()).statusCode).toBe(503);
    api.temporal.fault = null;
    const second = await call();
    expect(second.statusCode).toBe(202);
    const third = await call();
    expect([third.headers['idempotent-replay'], third.body]).toEqual(['true', second.body]);
    const staged = async () =>
      (await db.app<{ import_id: string }[]>`select import_id from import_chunks`).map(
        (row) => row.import_id,
      );
    // The stored answer is on its way before what came with the call is deleted.
    for (let tries = 0; tries < 100 && (await staged()).length > 1; tries++) await sleep(20);
    expect(await staged()).toEqual([second.json().id]);
    const changed = await api.call('POST', '/v1/imports?mapping=crm', {
      body: 'id\n2\n',
      headers: { ...headers('k7'), 'content-type': 'text/csv' },
    });
    expect(changed.json().code).toBe('idempotency-mismatch');
    expect(api.temporal.imports).toHaveLength(1);
    const [row] = await db.app<
      { n: number }[]
    >`select count(*) as n from imports where state = 'queued' and id = ${second.json().id}`;
    expect(row?.n).toBe(1);
  });

  test('a secret is answered again to its own caller alone, and is not stored as it is', async () => {
    const call = (as: 'admin' | 'none', more = {}) =>
      api.call('POST', '/v1/api-keys', {
        as,
        body: { principal: 'admin', roles: ['admin'] },
        headers: { ...headers('k8'), ...more },
      });
    const first = await call('admin');
    const { key } = first.json<{ key: string }>();
    expect((await call('admin')).body).toBe(first.body);
    const rows = await api.database.db.app<
      { body: string }[]
    >`select body from idempotency_keys where key = 'k8'`;
    expect(rows[0]?.body).not.toContain(key);
    const sameName = await call('none', { authorization: `Bearer ${key}` });
    expect(sameName.json().code).toBe('idempotency-mismatch');
  });

  test.each(['', 'a b', 'x'.repeat(201), 'é'])('%j is no key', async (key) => {
    const answer = await api.call('PUT', '/v1/segments/g', { body: segment('G'), headers: headers(key) });
    expect(answer.statusCode).toBe(400);
  });
});
