import { apiUnderTest, type ApiUnderTest } from '../../support/api';
import published from '../../unit/experiments/references/published.json';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await apiUnderTest();
});
afterAll(() => api.close());

const post = (what: string, body: unknown, as: 'viewer' | 'editor' = 'viewer') =>
  api.call('POST', `/v1/experiments/${what}`, { as, body });

const { hillstrom } = published;
const arms = (events: readonly number[]) =>
  hillstrom.arms.map((key, i) => ({ key, n: hillstrom.people[i], successes: events[i] }));

test('Hillstrom by plain numbers: healthy, Mens ships, with every test that applies', async () => {
  const answer = await post('evaluate', {
    metric: 'visit',
    control: 'none',
    arms: arms(hillstrom.visits),
    plan: { bayes: true, plannedPerArm: 20_000 },
    worth: { centsPerUnit: 12, centsPerPerson: { mens: 1, womens: 1 } },
  });
  expect(answer.statusCode).toBe(200);
  const { evaluation, sensitivity, economics } = answer.json();
  expect(evaluation.health).toMatchObject({ verdict: 'ok', checks: [{ name: 'sample-ratio' }] });
  expect(evaluation.health.srmP).toBeCloseTo(hillstrom.sampleRatioP, 3);
  expect(evaluation.decision).toMatchObject({ action: 'ship', arm: 'mens', by: 'fixed-horizon' });
  const [mens] = evaluation.comparisons;
  expect(mens.difference).toBeCloseTo(0.07659, 5);
  expect(mens.relative).toMatchObject({ method: 'katz' });
  expect(mens.relative.lift).toBeCloseTo(0.7214, 3);
  expect(mens.tests.map((one: { name: string }) => one.name)).toEqual(['two-proportion-z', 'chi-square']);
  expect(mens.alwaysValid.planned).toBe(40_000);
  expect(mens.alwaysValid.p).toBeGreaterThan(mens.p);
  expect(mens.bayes.pBetter).toBeCloseTo(1, 12);
  expect(sensitivity.map((one: { what: string; turned: boolean }) => [one.what, one.turned])).toEqual([
    ['alpha 0.01', false],
    ['alpha 0.1', false],
    ['at least 500 people in each arm', false],
    ['at least 2000 people in each arm', false],
    ['without mens', true],
    ['without womens', false],
  ]);
  expect(economics[0]).toMatchObject({ arm: 'mens', cost: 21_307 });
  expect(economics[0].revenue).toBeCloseTo(0.07659 * 21_307 * 12, -2);
});

test('amounts by sums and by values say the same, and what was known before makes them sharper', async () => {
  const before = Array.from({ length: 400 }, (_, i) => (i * 37) % 100);
  const values = (shift: number) => before.map((x, i) => x + ((i * 7919) % 11) + shift);
  const [a, b] = [values(0), values(1)];
  const sums = (all: readonly number[]) => ({
    n: all.length,
    sum: all.reduce((sum, x) => sum + x, 0),
    sumOfSquares: all.reduce((sum, x) => sum + x * x, 0),
  });
  const plan = { minPerArm: 100 };
  const bySums = await post('evaluate', {
    control: 'a',
    arms: [
      { key: 'a', ...sums(a) },
      { key: 'b', ...sums(b) },
    ],
    plan,
  });
  const byValues = await post('evaluate', {
    control: 'a',
    arms: [
      { key: 'a', values: a, covariate: before },
      { key: 'b', values: b, covariate: before },
    ],
    plan,
  });
  const [sum, value] = [bySums, byValues].map((one) => one.json().evaluation.comparisons[0]);
  expect(sum.p).toBeCloseTo(value.p, 10);
  expect(sum).toMatchObject({ tests: [{ name: 'welch' }], relative: { method: 'fieller' } });
  expect(value.tests.map((one: { name: string }) => one.name)).toEqual(['welch', 'mann-whitney']);
  expect(bySums.json().evaluation.decision.action).toBe('no-winner');
  const sharper = await post('evaluate', {
    control: 'a',
    arms: [
      { key: 'a', values: a, covariate: before },
      { key: 'b', values: b, covariate: before },
    ],
    plan: { ...plan, cuped: true },
  });
  const { comparisons, decision, health } = sharper.json().evaluation;
  expect(comparisons[0].p).toBeLessThan(1e-4);
  expect(decision).toMatchObject({ action: 'ship', arm: 'b' });
  expect(health.checks.at(-1)).toMatchObject({ name: 'covariate' });
});

test.each<[string, string, object, string]>([
  ['more events than people', 'evaluate', { arms: [{ key: 'a', n: 1, successes: 2 }] }, '/arms/0/successes'],
  ['no form that is known', 'evaluate', { arms: [{ key: 'a', n: 10 }] }, '/arms/0/successes'],
  [
    'a control nobody is in',
    'evaluate',
    { control: 'z', arms: [{ key: 'a', n: 10, successes: 2 }] },
    '/control',
  ],
  [
    'shares beside amounts',
    'evaluate',
    {
      arms: [
        { key: 'a', n: 10, successes: 2 },
        { key: 'b', values: [1, 2] },
      ],
    },
    '/arms/1',
  ],
  [
    'an arm twice',
    'evaluate',
    {
      arms: [
        { key: 'a', n: 10, successes: 2 },
        { key: 'a', n: 10, successes: 2 },
      ],
    },
    '/arms/1/key',
  ],
  [
    'a covariate of other people',
    'evaluate',
    { arms: [{ key: 'a', values: [1, 2], covariate: [1] }] },
    '/arms/0/covariate',
  ],
  [
    'squares that no amounts have',
    'evaluate',
    { arms: [{ key: 'a', n: 10, sum: 100, sumOfSquares: 10 }] },
    '/arms/0/sumOfSquares',
  ],
  [
    'squares of more than an amount can be',
    'evaluate',
    { arms: [{ key: 'a', n: 2, sum: 4e15, sumOfSquares: 8e30 }] },
    '/arms/0/sumOfSquares',
  ],
  [
    'a cost of an arm that is not there',
    'evaluate',
    { arms: [{ key: 'a', n: 2, successes: 1 }], worth: { centsPerUnit: 1, centsPerPerson: { z: 1 } } },
    '/worth/centsPerPerson/z',
  ],
  [
    'an arm of another test that this one has not',
    'evaluate',
    {
      arms: [{ key: 'a', n: 10, successes: 2 }],
      concurrent: [{ test: 'other', cells: [{ arm: 'z', otherArm: 'x', n: 10, successes: 2 }] }],
    },
    '/concurrent/0/cells/0/arm',
  ],
  [
    'more events than people of both tests',
    'evaluate',
    {
      arms: [{ key: 'a', n: 10, successes: 2 }],
      concurrent: [{ test: 'other', cells: [{ arm: 'a', otherArm: 'x', n: 1, successes: 2 }] }],
    },
    '/concurrent/0/cells/0/successes',
  ],
  [
    'arms that are crossed twice',
    'evaluate',
    {
      arms: [{ key: 'a', n: 10, successes: 2 }],
      concurrent: [
        {
          test: 'other',
          cells: [1, 2].map((successes) => ({ arm: 'a', otherArm: 'x', n: 10, successes })),
        },
      ],
    },
    '/concurrent/0/cells/1/otherArm',
  ],
  ['a p of nothing', 'adjust', { ps: [{ key: 'a', p: 0 }] }, '/ps/0/p'],
  [
    'somebody twice',
    'assign',
    { salt: 's', arms: [{ key: 'a' }], units: [{ id: '1' }, { id: '1' }] },
    '/units/1/id',
  ],
  [
    'a share of an unknown mean',
    'plan',
    { metric: { kind: 'mean', sd: 1 }, minimumEffect: { relative: 0.1 }, arms: [{ key: 'a' }, { key: 'b' }] },
    '/minimumEffect/relative',
  ],
])('%s is refused where it is wrong', async (_, what, body, path) => {
  const answer = await post(what, body);
  expect(answer.json()).toMatchObject({ status: 400, code: 'invalid-request', faults: [{ path }] });
});

test('people of other tests are crossed by plain numbers, and adjusted over all of them', async () => {
  const crossed = (test: string, there: number) => ({
    test,
    cells: [
      { arm: 'none', otherArm: 'x', n: 1_000, successes: 100 },
      { arm: 'a', otherArm: 'x', n: 1_000, successes: 150 },
      { arm: 'none', otherArm: 'y', n: 1_000, successes: 100 },
      { arm: 'a', otherArm: 'y', n: 1_000, successes: there },
    ],
  });
  const body = {
    control: 'none',
    arms: [
      { key: 'none', n: 2_000, successes: 200 },
      { key: 'a', n: 2_000, successes: 250 },
    ],
    concurrent: [crossed('differs', 80), crossed('alike', 150)],
  };
  const answer = (await post('evaluate', body)).json();
  expect(answer.interactions).toMatchObject([
    { test: 'differs', shared: 4_000, independenceP: 1, verdict: 'shown' },
    { test: 'alike', verdict: 'not-shown', effects: [{ arm: 'a', p: 1, pAdjusted: 1 }] },
  ]);
  const [differs] = answer.interactions[0].effects;
  expect(differs.pAdjusted).toBeCloseTo(2 * differs.p, 12);
  const alone = (await post('evaluate', { ...body, concurrent: undefined })).json();
  expect(alone.interactions).toEqual([]);
  expect(answer.evaluation).toEqual(alone.evaluation);
});

test('a plan says what a test takes, and what would make one possible that is too small', async () => {
  const body = {
    metric: { kind: 'share', baseline: 0.106 },
    minimumEffect: { relative: 0.1 },
    arms: [{ key: 'none', control: true }, { key: 'mens' }, { key: 'womens' }],
    windowDays: 14,
  };
  const free = (await post('plan', body)).json();
  expect(free).toMatchObject({ alphaPerComparison: 0.025, feasible: true, ways: [], days: 14 });
  expect(free.perArm).toBe(free.needed);
  expect(free.total).toBe(3 * free.perArm);
  const small = (await post('plan', { ...body, people: 20_000, perDay: 1_000 })).json();
  expect(small.feasible).toBe(false);
  expect(small.detectable.relative).toBeGreaterThan(0.1);
  expect(small.ways.map((way: string) => way.split(':')[0])).toEqual([
    'Longer',
    'A larger effect',
    'No test',
  ]);
  const rare = (
    await post('plan', { ...body, minimumEffect: { relative: 2 }, metric: { kind: 'share', baseline: 0.2 } })
  ).json();
  expect(rare).toMatchObject({ perArm: 1_000, feasible: true });
  expect(rare.needed).toBeLessThan(1_000);
});

test('people are assigned by hash whoever else there is, or dealt in blocks within strata', async () => {
  const units = Array.from({ length: 999 }, (_, i) => ({ id: `p${i}`, stratum: `s${i % 7}` }));
  const body = { salt: 'spring', arms: [{ key: 'a', weight: 2 }, { key: 'b' }], units };
  const byHash = (await post('assign', body)).json();
  const reversed = (await post('assign', { ...body, units: [...units].reverse().slice(0, 500) })).json();
  const armOf = new Map(byHash.items.map((one: { id: string; arm: string }) => [one.id, one.arm]));
  for (const { id, arm } of reversed.items) expect(arm).toBe(armOf.get(id));
  expect(byHash.counts.a).toBeGreaterThan(600);

  const strata = (await post('assign', { ...body, by: 'strata' })).json();
  expect(strata.counts).toEqual({ a: 666, b: 333 });
  for (let s = 0; s < 7; s += 1) {
    const people = units.filter(({ stratum }) => stratum === `s${s}`).map(({ id }) => id);
    const inA = strata.items.filter(
      ({ id, arm }: { id: string; arm: string }) => arm === 'a' && people.includes(id),
    ).length;
    expect(Math.abs(inA - (people.length * 2) / 3)).toBeLessThan(2);
  }
});

test('p-values are adjusted for each other', async () => {
  const answer = await post('adjust', {
    ps: [
      { key: 'visit', p: 0.01 },
      { key: 'purchase', p: 0.04 },
      { key: 'spend', p: 0.03 },
    ],
  });
  expect(answer.json().items).toEqual([
    { key: 'visit', p: 0.01, holm: 0.03, benjaminiHochberg: 0.03, significant: true },
    { key: 'purchase', p: 0.04, holm: 0.06, benjaminiHochberg: 0.04, significant: false },
    { key: 'spend', p: 0.03, holm: 0.06, benjaminiHochberg: 0.04, significant: false },
  ]);
});
