import { BoucleError } from '../../../domain/shared/errors';
import { createScenariosStore } from '../../../store/scenarios-store';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { plainScenario, prepareSurroundings } from '../../support/scenario';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

test('from draft to version to validated to archived', async () => {
  const draft = await api.call('POST', '/v1/scenarios', { body: plainScenario() });
  expect([draft.statusCode, draft.json()]).toMatchObject([
    201,
    { key: 'automne', version: 1, status: 'draft', createdBy: 'editor' },
  ]);
  expect((await api.call('POST', '/v1/scenarios', { body: plainScenario() })).json().code).toBe('conflict');

  const missing = await api.call('POST', '/v1/scenarios/automne/validate');
  expect(missing.json()).toMatchObject({ code: 'scenario-invalid', status: 422 });
  expect(missing.json().faults.map((fault: { path: string }) => fault.path)).toEqual([
    '/audience/segment',
    '/audience/personas',
  ]);
  await prepareSurroundings(api);
  expect((await api.call('POST', '/v1/scenarios/automne/validate')).json()).toEqual({
    key: 'automne',
    version: 1,
    status: 'validated',
  });

  const second = await api.call('PUT', '/v1/scenarios/automne', {
    body: plainScenario({ name: 'Automne, deuxième' }),
  });
  expect(second.json()).toMatchObject({ version: 2, status: 'draft' });
  expect((await api.call('GET', '/v1/scenarios/automne')).json()).toMatchObject({
    version: 2,
    definition: { name: 'Automne, deuxième' },
  });
  expect((await api.call('GET', '/v1/scenarios/automne?version=1')).json()).toMatchObject({
    version: 1,
    status: 'validated',
  });
  expect((await api.call('GET', '/v1/scenarios/automne/versions')).json().items).toMatchObject([
    { version: 2 },
    { version: 1 },
  ]);

  const cloned = await api.call('POST', '/v1/scenarios/automne/clone', {
    body: { key: 'automne-bis', version: 1, name: 'Bis' },
  });
  expect([cloned.statusCode, cloned.json()]).toMatchObject([
    201,
    { key: 'automne-bis', version: 1, status: 'draft', definition: { key: 'automne-bis', name: 'Bis' } },
  ]);

  expect((await api.call('POST', '/v1/scenarios/automne/archive')).statusCode).toBe(204);
  expect((await api.call('PUT', '/v1/scenarios/automne', { body: plainScenario() })).json().code).toBe(
    'conflict',
  );
  expect((await api.call('POST', '/v1/scenarios/automne/validate')).json().code).toBe('conflict');
  expect(
    (await api.call('GET', '/v1/scenarios')).json().items.map((item: { key: string }) => item.key),
  ).toEqual(['automne-bis']);
  expect(
    (await api.call('GET', '/v1/scenarios?status=archived'))
      .json()
      .items.map((item: { key: string }) => item.key),
  ).toEqual(['automne']);
});

test.each<[string, 'GET' | 'POST' | 'PUT', string, unknown]>([
  ['GET', 'GET', '/v1/scenarios/none', undefined],
  ['versions', 'GET', '/v1/scenarios/none/versions', undefined],
  ['PUT', 'PUT', '/v1/scenarios/none', plainScenario({ key: 'none' })],
  ['validate', 'POST', '/v1/scenarios/none/validate', {}],
  ['clone', 'POST', '/v1/scenarios/none/clone', { key: 'copy' }],
  ['archive', 'POST', '/v1/scenarios/none/archive', undefined],
  ['dry-run', 'POST', '/v1/scenarios/none/dry-run', undefined],
])('%s of a scenario that is not there', async (_name, method, url, body) => {
  expect((await api.call(method, url, { body })).json()).toMatchObject({ status: 404, code: 'not-found' });
});

test('what a test is stratified by is asked of the targeting policy, as rules are', async () => {
  await prepareSurroundings(api);
  const arms = ['a', 'b'].map((key) => ({ key, label: key, weight: 1 }));
  const stratifyBy = ['area', 'value_tier', 'religion'];
  const body = plainScenario({ key: 'strates', arms, experiment: { testShare: 0.5, stratifyBy } });
  await api.call('POST', '/v1/scenarios', { body });
  const refused = await api.call('POST', '/v1/scenarios/strates/validate');
  expect(refused.json()).toMatchObject({
    code: 'scenario-invalid',
    faults: [
      {
        path: '/experiment/stratifyBy/2',
        message: 'reads what the targeting policy does not allow: religion',
      },
    ],
  });
  // Validated while the policy still allowed it: the start asks again.
  await createScenariosStore(api.database.db.app).markValidated('strates', 1);
  const start = await api.call('POST', '/v1/campaigns', { body: { scenario: 'strates' } });
  expect(start.json()).toMatchObject({
    code: 'scenario-invalid',
    faults: [{ path: '/experiment/stratifyBy/2' }],
  });

  const allowed = plainScenario({
    key: 'strates',
    arms,
    experiment: { testShare: 0.5, stratifyBy: ['area', 'value_tier', 'persona'] },
  });
  await api.call('PUT', '/v1/scenarios/strates', { body: allowed });
  expect((await api.call('POST', '/v1/scenarios/strates/validate')).json()).toMatchObject({
    version: 2,
    status: 'validated',
  });
});

test('the key of the address is the key of the scenario', async () => {
  const answer = await api.call('PUT', '/v1/scenarios/automne', { body: plainScenario({ key: 'hiver' }) });
  expect(answer.json()).toMatchObject({ code: 'invalid-request', faults: [{ path: '/key' }] });
});

test('what is required is required', async () => {
  const {
    objective: _o,
    hypothesis: _h,
    primaryMetric: _p,
    northStar: _n,
    owner: _w,
    ...rest
  } = plainScenario({ key: 'sans' });
  const answer = await api.call('POST', '/v1/scenarios', { body: rest });
  expect(
    answer
      .json()
      .faults.map((fault: { path: string }) => fault.path)
      .sort(),
  ).toEqual(['/hypothesis', '/northStar', '/objective', '/owner', '/primaryMetric']);
});

test('two writers at once get two versions', async () => {
  await api.call('POST', '/v1/scenarios', { body: plainScenario({ key: 'a-deux' }) });
  const answers = await Promise.all(
    Array.from({ length: 6 }, () =>
      api.call('PUT', '/v1/scenarios/a-deux', { body: plainScenario({ key: 'a-deux' }) }),
    ),
  );
  expect(answers.map((answer) => answer.json().version).sort()).toEqual([2, 3, 4, 5, 6, 7]);
});

test('a version never changes: what is read back is what was written, defaults filled in', async () => {
  const store = createScenariosStore(api.database.db.app);
  const given = scenarioSchema.parse(plainScenario({ key: 'stable' }));
  await store.create(given, 'x');
  expect((await store.get('stable')).definition).toEqual(given);
});

describe('a dry run', () => {
  beforeAll(async () => {
    await prepareSurroundings(api);
    await api.call('POST', '/v1/scenarios', { body: plainScenario({ key: 'essai' }) });
  });

  test('answers the report of a draft too', async () => {
    const answer = await api.call('POST', '/v1/scenarios/essai/dry-run', { as: 'viewer' });
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { scenario: { key: 'essai', version: 1 }, problems: [] },
    ]);
  });

  test('is not run where the scenario cannot be', async () => {
    await api.call('POST', '/v1/scenarios', { body: plainScenario({ key: 'essai-faux', brand: 'nobody' }) });
    const answer = await api.call('POST', '/v1/scenarios/essai-faux/dry-run');
    expect(answer.json()).toMatchObject({ code: 'scenario-invalid', faults: [{ path: '/brand' }] });
  });

  test('says that no worker answered', async () => {
    api.temporal.fault = new BoucleError('worker-unavailable', 'No worker answered in time.');
    const answer = await api.call('POST', '/v1/scenarios/essai/dry-run');
    api.temporal.fault = null;
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'worker-unavailable']);
  });
});

test('a test repeats one that was read: a campaign’s, or one that was run elsewhere', async () => {
  await prepareSurroundings(api);
  const arms = ['a', 'b'].map((key) => ({ key, label: key, weight: 1 }));
  const put = (replicates: string) =>
    api.call('POST', '/v1/scenarios', {
      body: plainScenario({ key: `repeats-${replicates}`, arms, experiment: { testShare: 0.5, replicates } }),
    });
  await put('spring-2025');
  const validated = () => api.call('POST', '/v1/scenarios/repeats-spring-2025/validate');
  expect((await validated()).json()).toMatchObject({
    code: 'scenario-invalid',
    faults: [{ path: '/experiment/replicates' }],
  });
  const query = { key: 'spring-2025', name: 'Spring', arm: 'arm', outcome: 'visit', control: 'none' };
  const payload = [
    'arm,visit',
    ...['none', 'mail'].flatMap((arm) => Array<string>(1_000).fill(`${arm},0`)),
  ].join('\n');
  await api.call('POST', '/v1/experiments/import', {
    query,
    body: payload,
    headers: { 'content-type': 'text/csv' },
  });
  expect((await validated()).statusCode).toBe(200);
});

test('a campaign that asks for a held part of an exclusion group is not started, and nothing of it stays', async () => {
  await prepareSurroundings(api);
  const arms = ['a', 'b'].map((key) => ({ key, label: key, weight: 1 }));
  for (const [key, exclusion] of [
    ['part-one', { group: 'spring', from: 0, to: 0.5 }],
    ['part-two', { group: 'spring', from: 0.4, to: 0.9 }],
    ['part-none', { group: 'spring', from: 0.5, to: 0.5 }],
  ] as const) {
    const body = plainScenario({ key, arms, experiment: { testShare: 0.5, exclusion } });
    await api.call('POST', '/v1/scenarios', { body });
  }
  const start = async (scenario: string) => {
    await api.call('POST', `/v1/scenarios/${scenario}/validate`);
    return api.call('POST', '/v1/campaigns', { body: { scenario } });
  };
  expect((await api.call('POST', '/v1/scenarios/part-none/validate')).json()).toMatchObject({
    faults: [{ path: '/experiment/exclusion/to' }],
  });
  const first = await start('part-one');
  expect(first.statusCode).toBe(202);
  const refused = await start('part-two');
  expect(refused.json()).toMatchObject({ code: 'conflict', faults: [{ path: '/experiment/exclusion' }] });
  expect(refused.json().detail).toContain(first.json().id);
  const listed = (await api.call('GET', '/v1/campaigns?scenario=part-two')).json();
  expect(listed.items ?? []).toEqual([]);
});
