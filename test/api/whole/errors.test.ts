import { gzipSync } from 'node:zlib';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest({
    extend: (app) => {
      app.get('/fails', async () => {
        throw new Error('a secret of the inside');
      });
    },
  });
});
afterAll(() => api.close());

const json = { 'content-type': 'application/json' };
const event = { id: 'e1', type: 'visit', at: '2026-11-01T10:00:00Z', profile: { id: 1 } };

test('a problem says what, where and under which id', async () => {
  const answer = await api.call('POST', '/v1/campaigns', { body: { scenario: 'Not A Key', when: 'now' } });
  expect(answer.headers['content-type']).toContain('application/problem+json');
  const problem = answer.json();
  expect(problem).toMatchObject({
    type: 'urn:boucle:error:invalid-request',
    status: 400,
    code: 'invalid-request',
  });
  expect(problem.requestId).toBe(answer.headers['x-request-id']);
  expect(problem.faults.map((fault: { path: string }) => fault.path).sort()).toEqual(['/scenario', '/when']);
});

test('the nearest branch of a union is the one whose faults are told', async () => {
  const answer = await api.call('PUT', '/v1/segments/x', {
    body: {
      name: 'x',
      rule: {
        all: [
          { attribute: 'age', op: 'gte', value: 18 },
          { attribute: 'age', op: 'over', value: 18 },
        ],
      },
    },
  });
  expect(answer.json()).toMatchObject({
    code: 'segment-invalid',
    status: 422,
    faults: [{ path: '/rule/all/1/op' }],
  });
});

test('places in query and path say so', async () => {
  const answer = await api.call('GET', '/v1/campaigns?limit=0&colour=blue');
  expect(
    answer
      .json()
      .faults.map((fault: { path: string }) => fault.path)
      .sort(),
  ).toEqual(['/query/colour', '/query/limit']);
  const path = await api.call('GET', '/v1/profiles/none');
  expect(path.json().faults[0].path).toBe('/path/id');
});

test.each<[string, string, Buffer | string, Record<string, string>, number, string]>([
  ['broken JSON', '/v1/events', '{"id":', json, 400, 'invalid-request'],
  ['no body', '/v1/events', '', json, 400, 'invalid-request'],
  ['a body that is not UTF-8', '/v1/events', Buffer.from([0x22, 0xff, 0x22]), json, 400, 'invalid-request'],
  ['a prototype in disguise', '/v1/events', '{"__proto__":{"admin":true}}', json, 400, 'invalid-request'],
  [
    'a media type of no use',
    '/v1/events',
    '<event/>',
    { 'content-type': 'application/xml' },
    415,
    'unsupported-media-type',
  ],
  ['no media type', '/v1/segments', 'x', {}, 415, 'unsupported-media-type'],
  ['a body too large', '/v1/segments', `"${'x'.repeat(1_100_000)}"`, json, 413, 'too-large'],
  [
    'nesting without end',
    '/v1/events',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    json,
    400,
    'invalid-request',
  ],
  [
    'a rule nested without end',
    '/v1/segments',
    `{"key":"a","name":"a","rule":${'{"not":'.repeat(5_000)}{"everyone":true}${'}'.repeat(5_000)}}`,
    json,
    400,
    'invalid-request',
  ],
])('%s', async (_name, url, body, headers, status, code) => {
  const answer = await api.call('POST', url, { body, headers });
  expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
});

test.each<[string, Buffer | string, Record<string, string>, number, { path: string; message?: string }]>([
  ['ends early', '{"id":', json, 400, { path: '/', message: 'ends too early, at line 1, column 7' }],
  [
    'is broken on its second line',
    '{"email": "anne@exemple.fr",\n "age": anne}',
    json,
    400,
    { path: '/', message: 'is not JSON from line 2, column 9' },
  ],
  [
    'is empty but for blanks',
    ' \n',
    json,
    400,
    { path: '/', message: 'ends too early, at line 2, column 1' },
  ],
  ['sets a prototype', '{"__proto__":{"admin":true}}', json, 400, { path: '/' }],
  ['is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), json, 400, { path: '/', message: 'is not UTF-8' }],
  ['is XML', '<event/>', { 'content-type': 'application/xml' }, 415, { path: '/headers/content-type' }],
  [
    'is in Latin-1',
    '{}',
    { 'content-type': 'application/json; charset=ISO-8859-1' },
    415,
    { path: '/headers/content-type' },
  ],
  [
    'is a gzip cut off',
    gzipSync('{"id":1}').subarray(0, 12),
    { ...json, 'content-encoding': 'gzip' },
    415,
    { path: '/headers/content-encoding' },
  ],
])(
  'a body that %s: the fault says where, and repeats nothing of it',
  async (_n, body, headers, status, at) => {
    const answer = await api.call('POST', '/v1/events', { body, headers });
    expect([answer.statusCode, answer.json().faults]).toEqual([status, [expect.objectContaining(at)]]);
    expect(answer.body).not.toContain('anne');
  },
);

test('a body that is too large says so of the whole', async () => {
  const body = `"${'x'.repeat(1_100_000)}"`;
  const answer = await api.call('POST', '/v1/segments', { body, headers: json });
  expect(answer.json()).toMatchObject({ status: 413, faults: [{ path: '/' }] });
});

test('UTF-8 may be named as people name it', async () => {
  for (const charset of ['utf-8', 'UTF8', '"utf-8"']) {
    const headers = { 'content-type': `application/json; charset=${charset}` };
    const answer = await api.call('POST', '/v1/events', { body: '{}', headers });
    expect([answer.statusCode, answer.json().faults[0].path]).not.toEqual([415, '/headers/content-type']);
  }
});

test.each<[string, unknown, string]>([
  ['a NUL', { ...event, type: 'a\0b' }, '/type'],
  ['a NUL in a key', { ...event, properties: { 'a\0b': 1 } }, '/properties'],
  ['half a character', { ...event, id: '\ud800' }, '/id'],
])('%s is refused where it is', async (_name, body, path) => {
  const answer = await api.call('POST', '/v1/events', { body });
  expect(answer.json()).toMatchObject({ status: 400, code: 'invalid-request', faults: [{ path }] });
});

test.each([
  ['/v1/messages/%00', '/path/id'],
  ['/v1/scenarios?after=%00', '/query/after'],
  ['/v1/campaigns/c1/deliveries.csv?wave=%00', '/query/wave'],
])('a NUL in %s is refused where it is', async (url, path) => {
  const answer = await api.call('GET', url);
  expect(answer.json()).toMatchObject({ status: 400, code: 'invalid-request', faults: [{ path }] });
});

test.each(['1e400', '-1e400', '9007199254740993', '1.5', '1e308'])(
  'the number %s where cents belong',
  async (number) => {
    const body = JSON.stringify({ ...event, valueCents: 0 }).replace(
      '"valueCents":0',
      `"valueCents":${number}`,
    );
    const answer = await api.call('POST', '/v1/events', { body, headers: json });
    expect(answer.statusCode).toBe(400);
  },
);

test.each([
  ['/v1/nothing', 404],
  ['/nothing', 404],
  ['/v1/profiles/%zz', 400],
  ['/v1/scenarios/%00', 400],
  ['/v1/profiles/99999999999999999999', 400],
  [`/v1/scenarios/${'x'.repeat(2_000)}`, 404],
  ['/v1/campaigns?limit=1e9', 400],
  ['/v1/campaigns?after=%00', 400],
  ['/v1/audit?after=9007199254740993', 400],
  ['/v1/imports/x/rejects?after=nonsense', 404],
])('GET %s is %d, as a problem', async (url, status) => {
  const answer = await api.call('GET', url, { as: 'admin' });
  expect([url.slice(0, 60), answer.statusCode]).toEqual([url.slice(0, 60), status]);
  expect(answer.headers['content-type']).toContain('application/problem+json');
});

test('a year that no calendar has is the caller’s fault', async () => {
  const answer = await api.call('POST', '/v1/profiles', { body: { customerKey: 'c-0' } });
  const { id } = answer.json<{ id: number }>();
  const told = await api.call('POST', '/v1/events', {
    body: { ...event, at: '0000-01-01T00:00:00Z', profile: { id } },
  });
  expect(told.statusCode).toBe(400);
});

test('a fault of ours shows nothing of the inside', async () => {
  const answer = await api.call('GET', '/fails');
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('secret');
  expect(answer.json()).toMatchObject({ code: 'internal', detail: 'Something failed on our side.' });
});

test('what PostgreSQL says of a row stays inside', async () => {
  const { id } = (await api.call('POST', '/v1/profiles', { body: { customerKey: 'c-1' } })).json<{
    id: number;
  }>();
  const answer = await api.call('POST', '/v1/events', {
    body: { ...event, at: '0000-01-01T00:00:00Z', id: 'camille@example.test', profile: { id } },
  });
  expect(answer.statusCode).toBe(400);
  expect(answer.body).not.toContain('camille');
});

test('what a page of ours loads and who may frame it is said on every answer', async () => {
  const answer = await api.call('GET', '/v1/segments');
  expect(answer.headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
});
