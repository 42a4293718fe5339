import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { inChunks } from '../../../api/chunks';
import { createImportsStore } from '../../../store/imports-store';
import { BoucleError } from '../../../domain/shared/errors';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

const mapping = {
  source: 'crm',
  fields: [
    { column: 'id', to: 'customerKey' },
    { column: 'age', to: 'attributes.age', type: 'integer' },
  ],
};
const csv = { 'content-type': 'text/csv' };

async function staged(of: ApiUnderTest, id: string): Promise<number | undefined> {
  const [row] = await of.database.db.app<
    { n: number }[]
  >`select count(*) as n from import_chunks where import_id = ${id}`;
  return row?.n;
}

test('a mapping is put, read, and its faults are told by place', async () => {
  const put = await api.call('PUT', '/v1/imports/mappings/crm', { body: mapping });
  expect(put.json()).toMatchObject({
    key: 'crm',
    delimiter: ',',
    fields: [{ column: 'id' }, { column: 'age' }],
  });
  expect((await api.call('GET', '/v1/imports/mappings/crm')).json()).toEqual(put.json());
  expect((await api.call('GET', '/v1/imports/mappings')).json().items).toHaveLength(1);
  const bad = await api.call('PUT', '/v1/imports/mappings/bad', {
    body: { ...mapping, fields: [{ column: 'id', to: 'nom' }] },
  });
  expect(bad.json()).toMatchObject({
    code: 'mapping-invalid',
    status: 422,
    faults: [{ path: '/fields/0/to' }],
  });
  const own = await api.call('PUT', '/v1/imports/mappings/bad', {
    body: {
      ...mapping,
      fields: [
        { column: 'id', to: 'customerKey' },
        { column: 'n', to: 'attributes.orders' },
      ],
    },
  });
  expect(own.json()).toMatchObject({ code: 'mapping-invalid', faults: [{ path: '/fields/1/to' }] });
  const other = await api.call('PUT', '/v1/imports/mappings/crm', { body: { ...mapping, key: 'erp' } });
  expect(other.json()).toMatchObject({ code: 'mapping-invalid', faults: [{ path: '/key' }] });
  expect((await api.call('GET', '/v1/imports/mappings/none')).statusCode).toBe(404);
});

test('a mapping makes no events that their types refuse, and one that did so before reads no file', async () => {
  const events = (...given: readonly object[]) => ({
    body: { ...mapping, key: 'events', events: given.map((one) => ({ atColumn: 'at', ...one })) },
  });
  const put = (given: ReturnType<typeof events>) => api.call('PUT', '/v1/imports/mappings/events', given);
  for (const [key, definition] of Object.entries({
    login: { about: 'Signed in', value: 'refused' },
    seat: { about: 'Took a seat', value: 'required' },
    survey: { about: 'Answered', properties: { survey: { type: 'text', required: true } } },
  }))
    await api.call('PUT', `/v1/policies/event-type/${key}`, {
      as: 'admin',
      body: { type: key, ...definition },
    });
  const bad = await put(
    events({ type: 'login', valueColumn: 'x' }, { type: 'seat' }, { type: 'survey' }, { type: 'other' }),
  );
  expect(bad.json()).toMatchObject({
    code: 'mapping-invalid',
    faults: [
      { path: '/events/0/valueColumn', message: 'has no place in this type' },
      { path: '/events/1/valueColumn', message: 'is missing: the type asks for a value' },
      { path: '/events/2/type', message: 'asks for properties, which files do not have: survey' },
    ],
  });

  expect((await put(events({ type: 'login' }, { type: 'other', valueColumn: 'x' }))).statusCode).toBe(200);
  await api.call('PUT', '/v1/policies/event-type/other', {
    as: 'admin',
    body: { type: 'other', about: 'Else', value: 'refused' },
  });
  const refused = await api.call('POST', '/v1/imports?mapping=events', { body: 'id,age\n', headers: csv });
  expect(refused.json()).toMatchObject({
    code: 'mapping-invalid',
    faults: [{ path: '/events/1/valueColumn' }],
  });
});

test('a file is staged in pieces of a megabyte, byte for byte, and its reading is started', async () => {
  const file = Buffer.concat([Buffer.from('id,age\n'), Buffer.from(randomBytes(1_700_000).toString('hex'))]);
  const answer = await api.call('POST', '/v1/imports?mapping=crm&filename=clients.csv', {
    body: file,
    headers: csv,
  });
  expect(answer.statusCode).toBe(202);
  const { id, statusUrl } = answer.json<{ id: string; statusUrl: string }>();
  expect(statusUrl).toBe(`http://boucle.test/v1/imports/${id}`);
  expect(api.temporal.imports).toContain(id);
  const chunks = await api.database.db.app<
    { bytes: Buffer }[]
  >`select bytes from import_chunks where import_id = ${id} order by seq`;
  expect(chunks.map((chunk) => chunk.bytes.length)).toEqual([
    1 << 20,
    1 << 20,
    1 << 20,
    file.length - 3 * (1 << 20),
  ]);
  expect(Buffer.concat(chunks.map((chunk) => chunk.bytes)).equals(file)).toBe(true);
  expect((await api.call('GET', `/v1/imports/${id}`)).json()).toMatchObject({
    state: 'queued',
    filename: 'clients.csv',
    bytes: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
    createdBy: 'editor',
  });
  expect((await api.call('GET', '/v1/imports')).json().items[0].id).toBe(id);
});

test.each<[string, Record<string, string>]>([
  ['its content-encoding', { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' }],
  ['its type', { 'content-type': 'application/gzip' }],
])(
  'a gzip told by %s waits as it came, and its import is of the form its mapping says',
  async (_name, headers) => {
    await api.call('PUT', '/v1/imports/mappings/lines', { body: { ...mapping, format: 'ndjson' } });
    const body = gzipSync('{"id": "a", "age": 41}\n'.repeat(1_000));
    const answer = await api.call('POST', '/v1/imports?mapping=lines', { body, headers });
    expect(answer.statusCode).toBe(202);
    const { id } = answer.json<{ id: string }>();
    expect((await api.call('GET', `/v1/imports/${id}`)).json()).toMatchObject({
      state: 'queued',
      format: 'ndjson',
      encoding: 'gzip',
      bytes: body.length,
      bytesRead: 0,
      rows: 0,
    });
  },
);

test('an empty file is a file', async () => {
  const answer = await api.call('POST', '/v1/imports?mapping=crm', { body: '', headers: csv });
  expect([202, 400]).toContain(answer.statusCode);
});

test.each<[string, string, Record<string, string>, string]>([
  ['an unknown mapping', '?mapping=nope', csv, 'mapping-unknown'],
  ['no mapping', '', csv, 'invalid-request'],
  [
    'a PDF where a file belongs',
    '?mapping=crm',
    { 'content-type': 'application/pdf' },
    'unsupported-media-type',
  ],
  [
    'JSON where a file belongs',
    '?mapping=crm',
    { 'content-type': 'application/json' },
    'unsupported-media-type',
  ],
])('%s', async (_name, query, headers, code) => {
  const answer = await api.call('POST', `/v1/imports${query}`, { body: 'id,age\n', headers });
  expect(answer.json().code).toBe(code);
});

test('with Temporal away nothing is started, and it says so', async () => {
  api.temporal.fault = new BoucleError('temporal-unavailable', 'Temporal does not answer.');
  const answer = await api.call('POST', '/v1/imports?mapping=crm', { body: 'id,age\n', headers: csv });
  api.temporal.fault = null;
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'temporal-unavailable']);
  const [newest] = (await api.call('GET', '/v1/imports')).json().items;
  expect(newest).toMatchObject({
    state: 'failed',
    error: 'temporal-unavailable: Temporal does not answer.',
  });
  expect(await staged(api, newest.id)).toBe(0);
});

test('rejects come by pages, as JSON and as CSV', async () => {
  const { db } = api.database;
  await createImportsStore(db.app).create({
    id: 'irejects',
    mapping: 'crm',
    filename: null,
    createdBy: 'editor',
  });
  await db.app`
    insert into import_rejects (import_id, line, field, code, reason)
    select 'irejects', n, f, 'email-invalid', 'is not, "an" address' from generate_series(2, 4) n, unnest(array['email', 'phone']) f`;
  const lines: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const page: { items: { line: number; field: string }[]; next: string | null } = (
      await api.call('GET', '/v1/imports/irejects/rejects', {
        query: { limit: '4', ...(next === '' ? {} : { after: next }) },
      })
    ).json();
    lines.push(...page.items.map(({ line, field }) => `${line}${field}`));
    next = page.next;
  }
  expect(lines).toEqual(['2email', '2phone', '3email', '3phone', '4email', '4phone']);
  const text = await api.call('GET', '/v1/imports/irejects/rejects?limit=1', {
    headers: { accept: 'text/csv' },
  });
  expect(text.headers['content-type']).toContain('text/csv');
  expect(text.body).toBe('line,field,code,reason\r\n2,email,email-invalid,"is not, ""an"" address"\r\n');
  expect(text.headers['link']).toContain('after=2%3Aemail');
  expect((await api.call('GET', '/v1/imports/irejects/rejects?after=nonsense')).statusCode).toBe(400);
  expect((await api.call('GET', '/v1/imports/none/rejects')).statusCode).toBe(404);
});

test('an upload that is cut off is never read, and is no fault of ours', async () => {
  const cut = await apiUnderTest();
  await cut.call('PUT', '/v1/imports/mappings/crm', { body: mapping });
  await cut.app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect(Number(new URL(cut.app.listeningOrigin).port), '127.0.0.1');
  socket.write(
    `POST /v1/imports?mapping=crm HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${cut.keys.editor}\r\n` +
      'content-type: text/csv\r\ncontent-length: 5000000\r\n\r\nid,age\n',
  );
  // More than a piece, so that there is something to delete.
  socket.write('1,40\n'.repeat(300_000));
  const receiving = async () => (await cut.call('GET', '/v1/imports')).json().items[0]?.state;
  while ((await receiving()) !== 'receiving') await sleep(20);
  const { id } = (await cut.call('GET', '/v1/imports')).json().items[0];
  while ((await staged(cut, id)) === 0) await sleep(20);
  socket.destroy();
  const answered = async () =>
    (
      await cut.database.db.app<
        { status: number }[]
      >`select status from audit_log where action = 'POST /v1/imports'`
    )[0]?.status;
  while ((await answered()) === undefined) await sleep(20);
  expect(await answered()).toBe(400);
  expect([await receiving(), cut.temporal.imports]).toEqual(['failed', []]);
  expect(await staged(cut, id)).toBe(0);
  await cut.close();
});

test('pieces are whole whatever the stream is cut into', async () => {
  async function* parts() {
    for (const n of [3, 1, 10, 0, 2]) yield Buffer.alloc(n, n);
  }
  const pieces: number[] = [];
  for await (const piece of inChunks(parts(), 4)) pieces.push(piece.length);
  expect(pieces).toEqual([4, 4, 4, 4]);
});
