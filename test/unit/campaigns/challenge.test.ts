import { atPeriod, challengeWords } from '../../../domain/campaigns/challenge';
import { scenarioSchema, type ScenarioInput } from '../../../domain/campaigns/scenario';
import { validateScenario } from '../../../domain/campaigns/validate-scenario';
import { plannedLines } from '../../../domain/experiments/plan-words';
import { plainScenario } from '../../support/scenario';

const arm = (key: string, more: object = {}) => ({ key, label: key.toUpperCase(), weight: 1, ...more });
const live = (change: Partial<ScenarioInput> = {}) =>
  scenarioSchema.parse(
    plainScenario({
      kind: 'continuous',
      continuous: { periodSeconds: 86_400 },
      challenge: { share: 0.1, everyPeriods: 3 },
      arms: [arm('b'), arm('champion', { baseline: true }), arm('c')],
      ...change,
    }),
  );

test('each third period is challenged, by one after the other; between them the champion stands alone', () => {
  const arms = [1, 2, 3, 4, 6, 9].map((n) =>
    atPeriod(live(), n).arms.map(({ key, weight }) => `${key} ${weight}`),
  );
  expect(arms).toEqual([
    ['champion 1'],
    ['champion 1'],
    ['champion 0.9', 'b 0.1'],
    ['champion 1'],
    ['champion 0.9', 'c 0.1'],
    ['champion 0.9', 'b 0.1'],
  ]);
  expect(atPeriod(live(), 3).experiment).toMatchObject({
    testShare: 1,
    alpha: 0.05,
    minPerArm: 500,
    earlyLooks: 0,
  });
  expect(atPeriod(live(), 2).experiment).toBeUndefined();
  expect(atPeriod(live({ challenge: { share: 0.2 } }), 1).arms).toHaveLength(2);
});

test('what is made of it at any period can be read again, and a scenario without a challenge is what it was', () => {
  for (const n of [1, 3])
    expect(scenarioSchema.parse(JSON.parse(JSON.stringify(atPeriod(live(), n))))).toEqual(
      atPeriod(live(), n),
    );
  const plain = scenarioSchema.parse(plainScenario({}));
  expect(atPeriod(plain, 3)).toBe(plain);
});

test.each<[string, Partial<ScenarioInput>, string[]]>([
  ['a champion and two challengers', {}, []],
  ['nobody marked as the champion', { arms: [arm('a'), arm('b')] }, ['/arms']],
  ['nobody to challenge', { arms: [arm('a', { baseline: true })] }, ['/arms']],
  [
    'two champions',
    { arms: [arm('a', { baseline: true }), arm('b', { baseline: true }), arm('c')] },
    ['/arms'],
  ],
  [
    'a control',
    { arms: [arm('a', { baseline: true }), arm('b'), arm('c', { control: true })] },
    ['/arms/2/control'],
  ],
  ['an experiment too', { experiment: { testShare: 0.5 } }, ['/experiment']],
  [
    'other channels',
    { arms: [arm('a', { baseline: true }), arm('b', { channels: ['sms'] })] },
    ['/arms/1/channels'],
  ],
  ['several arms and no challenge', { challenge: undefined }, ['/arms']],
  ['a batch', { kind: 'batch', continuous: undefined, experiment: { testShare: 0.5 } }, ['/challenge']],
])('%s', (_, change, paths) => {
  expect(validateScenario(live(change)).map(({ path }) => path)).toEqual(paths);
});

test.each([0, 0.51, 1])('a share of %s is refused', (share) => {
  expect(scenarioSchema.safeParse(plainScenario({ challenge: { share } })).success).toBe(false);
});

test('the approval and the page say who is challenged, how often, and what decides', () => {
  expect(challengeWords(live())).toBe('10% of who enter get B, in one period of 3');
  expect(challengeWords(atPeriod(live(), 1))).toBe(
    'not in this period; in one period of 3 10% of who enter get a challenger',
  );
  const { experiment, ...challenged } = atPeriod(live(), 6);
  expect(plannedLines({ ...challenged, test: experiment ?? null, guardrails: [] })).toEqual([
    { what: 'Challenge', words: '10% of who enter get C, in one period of 3' },
    { what: 'Test', words: 'alpha 0.05, power 80%; at least 500 people an arm; one look, at the end' },
  ]);
});
