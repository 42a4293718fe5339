import type { ScenarioInput } from '../../../domain/campaigns/scenario';
import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import { plainScenario, prepareSurroundings, putLiveSegment } from '../../support/scenario';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
  await prepareSurroundings(api);
});
afterAll(() => api.close());

const tested = (measures: Partial<NonNullable<ScenarioInput['experiment']>>) =>
  plainScenario({
    primaryMetric: { event: 'visit', windowSeconds: 600 },
    arms: [
      { key: 'message', label: 'Le message', weight: 1 },
      { key: 'temoin', label: 'Témoin', weight: 1, control: true },
    ],
    experiment: { testShare: 0.5, ...measures },
  });

test('a scenario is not valid with a metric read too early, or a group that is not there', async () => {
  const body = tested({
    secondaryMetrics: [{ event: 'purchase', windowSeconds: 601 }],
    northStar: { event: 'visit', windowSeconds: 600 },
    subPopulations: { segments: ['seniors'], personas: ['vip'] },
  });
  await api.call('POST', '/v1/scenarios', { body });
  const refused = await api.call('POST', '/v1/scenarios/automne/validate');
  expect([refused.statusCode, refused.json()]).toMatchObject([
    422,
    {
      code: 'scenario-invalid',
      faults: [
        { path: '/experiment/secondaryMetrics/0/windowSeconds' },
        { path: '/experiment/northStar' },
        { path: '/experiment/subPopulations/personas/0' },
        { path: '/experiment/subPopulations/segments/0', message: 'no segment has this key' },
      ],
    },
  ]);
  const sixth = tested({
    secondaryMetrics: Array.from({ length: 6 }, (_, i) => ({ event: `e${i}`, windowSeconds: 1 })),
  });
  expect((await api.call('PUT', '/v1/scenarios/automne', { body: sixth })).json()).toMatchObject({
    code: 'invalid-request',
    faults: [{ path: '/experiment/secondaryMetrics' }],
  });
});

test('a group that is a live segment is one, and is not retired from under the test', async () => {
  await putLiveSegment(api, 'seniors', { attribute: 'age', op: 'gte', value: 60 });
  await api.call('PUT', '/v1/scenarios/automne', {
    body: tested({ subPopulations: { segments: ['seniors'] } }),
  });
  expect((await api.call('POST', '/v1/scenarios/automne/validate')).json()).toMatchObject({
    status: 'validated',
  });
  const retired = await api.call('DELETE', '/v1/segments/seniors/live');
  expect(retired.json()).toMatchObject({
    code: 'segment-in-use',
    faults: [{ message: 'scenario automne: sub-population of its test' }],
  });
});
