import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { putOffersOf } from '../../support/matrix';
import { MATRIX_CSV, putLiveSegment } from '../../support/scenario';

const csv = { 'content-type': 'text/csv' };
const WARMER = MATRIX_CSV.replace('Salon vivant', 'Salon chaud');

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
  await putLiveSegment(api, 'adultes', { attribute: 'age', op: 'gte', value: 18 });
  await putOffersOf(api.database.db.app, MATRIX_CSV);
});
afterAll(() => api.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  api.call('GET', path, { as: 'viewer', headers });
const put = (body: unknown, query: Record<string, string> = {}) =>
  api.call('PUT', '/v1/persona-matrix', { body, headers: csv, query });

test('a proposal counts once somebody else has approved it', async () => {
  expect((await get('/v1/persona-matrix')).statusCode).toBe(404);
  const proposed = await put(MATRIX_CSV, { note: 'the first one' });
  expect(proposed.json()).toMatchObject({
    version: 1,
    state: 'proposed',
    note: 'the first one',
    createdBy: 'editor',
    decidedBy: null,
    rows: [{ segment_id: 'adultes', offer_code: 'AUTOMNE' }],
  });
  expect((await put(MATRIX_CSV)).json().version).toBe(1);
  expect((await get('/v1/persona-matrix')).statusCode).toBe(404);

  const approve = (as: 'editor' | 'approver' | 'viewer') =>
    api.call('POST', '/v1/persona-matrix/versions/1/approve', { as, body: { note: 'good' } });
  expect((await approve('editor')).statusCode).toBe(403);
  expect((await approve('approver')).json()).toMatchObject({
    state: 'approved',
    decidedBy: 'approver',
    decisionNote: 'good',
  });
  expect((await approve('approver')).json()).toMatchObject({ status: 409, code: 'conflict' });
  expect((await get('/v1/persona-matrix')).json().version).toBe(1);
});

test('who proposed it neither approves nor rejects it, whatever their roles', async () => {
  const { version } = (
    await api.call('PUT', '/v1/persona-matrix', { as: 'admin', body: WARMER, headers: csv })
  ).json();
  for (const way of ['approve', 'reject']) {
    const answer = await api.call('POST', `/v1/persona-matrix/versions/${version}/${way}`, { as: 'admin' });
    expect(answer.json()).toMatchObject({ status: 403, code: 'matrix-four-eyes' });
  }
  const diff = (await get(`/v1/persona-matrix/versions/${version}/diff`)).json();
  expect(diff).toMatchObject({ version, against: 1, added: [], removed: [] });
  expect(diff.words).toEqual(['row adultes: visual_guideline Salon vivant → Salon chaud']);
  expect((await get(`/v1/persona-matrix/versions/1/diff?against=${version}`)).json().words).toEqual([
    'row adultes: visual_guideline Salon chaud → Salon vivant',
  ]);
  expect((await get('/v1/persona-matrix/versions/1/diff')).json()).toMatchObject({
    against: null,
    added: [{ segment_id: 'adultes' }],
  });
  const rejected = await api.call('POST', `/v1/persona-matrix/versions/${version}/reject`, {
    as: 'approver',
  });
  expect(rejected.json().state).toBe('rejected');
  expect((await get('/v1/persona-matrix')).json().version).toBe(1);
  const { items } = (await get('/v1/persona-matrix/versions')).json();
  expect(
    items.map((one: { version: number; state: string; createdBy: string }) => [
      one.version,
      one.state,
      one.createdBy,
    ]),
  ).toEqual([
    [2, 'rejected', 'admin'],
    [1, 'approved', 'editor'],
  ]);
});

test('it comes out as it went in, by either address', async () => {
  for (const path of ['/v1/persona-matrix', '/v1/persona-matrix/versions/1']) {
    const text = await get(path, { accept: 'text/csv' });
    expect(text.headers['content-type']).toContain('text/csv');
    expect(text.body.replaceAll('\r\n', '\n')).toBe(MATRIX_CSV);
  }
  for (const path of [
    '/v1/persona-matrix?version=7',
    '/v1/persona-matrix/versions/7',
    '/v1/persona-matrix/versions/7/diff',
  ])
    expect((await get(path)).statusCode).toBe(404);
});

test('faults by line and column', async () => {
  const answer = await put(`${MATRIX_CSV}inconnus,,b,c,d,e,f\n`);
  expect(answer.json()).toMatchObject({ code: 'matrix-invalid', status: 422 });
  expect(answer.json().faults.map((fault: { path: string }) => fault.path)).toEqual([
    'line 3, value_tier',
    'line 3, segment_id',
    'line 3, offer_code',
  ]);
  const latin1 = await put(
    Buffer.from(MATRIX_CSV.replace('régulier', 'regulier').replace('moyenne', 'élevée'), 'latin1'),
  );
  expect(latin1.json().faults.map((fault: { path: string }) => fault.path)).toContain('line 2, value_tier');
  expect((await api.call('PUT', '/v1/persona-matrix', { body: { a: 1 } })).statusCode).toBe(400);
});

test('what is not UTF-8 is told by line and column too', async () => {
  const nul = await put(MATRIX_CSV.replace('Salon vivant', 'Salon\0vivant'));
  expect(nul.json()).toMatchObject({
    status: 422,
    code: 'matrix-invalid',
    faults: [{ path: 'line 2, visual_guideline', message: 'this cell is not UTF-8' }],
  });
  const utf16 = await put(Buffer.from(`\ufeff${MATRIX_CSV}`, 'utf16le'));
  expect(utf16.json()).toMatchObject({
    code: 'matrix-invalid',
    faults: [{ path: 'line 1, #1', message: 'the file is not UTF-8' }],
  });
});

test('that the matrix was looked at is noted, by whoever may change or approve it', async () => {
  expect((await api.call('POST', '/v1/persona-matrix/reviewed', { as: 'viewer' })).statusCode).toBe(403);
  const answer = await api.call('POST', '/v1/persona-matrix/reviewed', {
    as: 'approver',
    body: { note: 'as it is' },
  });
  expect(answer.json()).toMatchObject({ version: 1, reviewedBy: 'approver' });
});
