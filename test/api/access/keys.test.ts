import { createAccessStore } from '../../../store/access-store';
import { buildApp } from '../../../api/app';
import { ROLES } from '../../../domain/shared/words';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

/** Every route under /v1 as the application knows it. */
function routes(): { method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; url: string }[] {
  const paths = Object.entries(api.app.swagger().paths ?? {});
  return paths
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, item]) =>
      (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)
        .filter((method) => Object.hasOwn(item, method.toLowerCase()))
        .map((method) => ({ method, url: path.replaceAll(/\{[^}]+\}/g, 'nothing') })),
    );
}

test('no route under /v1 answers without a key, and says how', async () => {
  expect(routes().length).toBeGreaterThan(40);
  for (const { method, url } of routes()) {
    const answer = await api.call(method, url, { as: 'none' });
    expect([url, answer.statusCode]).toEqual([url, 401]);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.json()).toMatchObject({ code: 'unauthenticated', status: 401 });
  }
});

test.each([
  'bcl_admin',
  'bcl__',
  'bcl_nobody_0123456789abcdef0123456789abcdef',
  `bcl_${'a'.repeat(300)}_0123456789abcdef`,
  "bcl_' or 1=1 --_0123456789abcdef",
  '',
])('a forged key %j opens nothing', async (key) => {
  const answer = await api.call('GET', '/v1/segments', {
    as: 'none',
    headers: { authorization: `Bearer ${key}` },
  });
  expect(answer.statusCode).toBe(401);
});

test('a key with one letter of its secret changed opens nothing', async () => {
  const key = api.keys.admin;
  const forged = key.slice(0, -1) + (key.endsWith('0') ? '1' : '0');
  const answer = await api.call('GET', '/v1/segments', {
    as: 'none',
    headers: { authorization: `Bearer ${forged}` },
  });
  expect(answer.statusCode).toBe(401);
});

test('roles: a viewer looks, an editor writes, an approver decides, an admin does all', async () => {
  const body = { name: 'Tous', rule: { everyone: true } };
  const statuses = async (method: 'GET' | 'PUT', url: string, given?: unknown) =>
    Object.fromEntries(
      await Promise.all(
        ROLES.map(async (role) => [
          role,
          (await api.call(method, url, { as: role, body: given })).statusCode,
        ]),
      ),
    );
  expect(await statuses('GET', '/v1/segments')).toEqual({
    viewer: 200,
    editor: 200,
    approver: 200,
    admin: 200,
  });
  expect(await statuses('PUT', '/v1/segments/tous', body)).toEqual({
    viewer: 403,
    editor: 200,
    approver: 403,
    admin: 200,
  });
  expect(await statuses('GET', '/v1/api-keys')).toEqual({
    viewer: 403,
    editor: 403,
    approver: 403,
    admin: 200,
  });
});

test('a decision by somebody who is no approver is refused with its own code', async () => {
  const body = { decision: 'approve', subjectHash: 'h' };
  const answer = await api.call('POST', '/v1/campaigns/cnothing/decisions', { as: 'editor', body });
  expect(answer.json()).toMatchObject({ code: 'approval-not-approver', status: 403 });
});

test('a key is made, shown once, used, listed without its secret, and revoked at once', async () => {
  const made = await api.call('POST', '/v1/api-keys', {
    as: 'admin',
    body: { principal: 'claire', roles: ['approver'], slackUser: 'U024CLAIRE' },
  });
  expect(made.statusCode).toBe(201);
  const { id, key } = made.json<{ id: string; key: string }>();
  const headers = { authorization: `Bearer ${key}` };
  expect((await api.call('GET', '/v1/segments', { as: 'none', headers })).statusCode).toBe(200);
  const listed = await api.call('GET', '/v1/api-keys', { as: 'admin' });
  expect(listed.body).toContain('claire');
  expect(listed.body).not.toContain(key.split('_')[2]);
  const stored = await api.database.db.app<{ hash: Buffer }[]>`select hash from api_keys where id = ${id}`;
  expect(stored[0]?.hash).toHaveLength(32);

  const again = await api.call('POST', '/v1/api-keys', {
    as: 'admin',
    body: { principal: 'paul', roles: ['viewer'], slackUser: 'U024CLAIRE' },
  });
  expect(again.json()).toMatchObject({ code: 'conflict' });
  expect((await api.call('DELETE', `/v1/api-keys/${id}`, { as: 'admin' })).statusCode).toBe(204);
  expect((await api.call('GET', '/v1/segments', { as: 'none', headers })).statusCode).toBe(401);
});

test('the key of the environment is made known once; revoked, it stays revoked', async () => {
  const access = createAccessStore(api.database.db.app);
  const key = 'bcl_bootstrap_0123456789abcdef0123456789abcdef';
  await access.bootstrap(key);
  expect(await access.authenticate(key)).toMatchObject({
    principal: 'bootstrap',
    roles: ['viewer', 'editor', 'approver', 'admin'],
  });
  await access.revoke('bootstrap');
  await access.bootstrap(key);
  expect(await access.authenticate(key)).toBeNull();
  await expect(access.bootstrap('not a key')).rejects.toMatchObject({ code: 'configuration-invalid' });
});

test('a route under /v1 without roles does not start', async () => {
  const { db } = api.database;
  const app = await buildApp({
    db,
    orchestrator: api.temporal,
    blobs: { put: async () => '', get: async () => null },
    brands: new Map(),
    settings: {
      publicUrl: 'http://boucle.test',
      temporalUiUrl: 'http://temporal.test',
      temporalNamespace: 'default',
      pepper: 'a-pepper-for-tests-only',
      linkSecret: 'a-secret-for-tests-only',
      slackSigningSecret: undefined,
      providerWebhookSecret: undefined,
      webhooksAnywhere: false,
      openPages: false,
      version: '0',
    },
    extend: (scope) => {
      expect(() => scope.get('/v1/forgotten', async () => 'everything')).toThrow('declares no roles');
      expect(() => scope.get('/v1/empty', { config: { roles: [] } }, async () => 'everything')).toThrow(
        'declares no roles',
      );
      expect(() => scope.get('/v2/elsewhere', async () => 'nothing')).not.toThrow();
    },
  });
  await app.close();
});
