import { scenarioSchema, type ScenarioInput } from '../../../domain/campaigns/scenario';
import { referenceFaults } from '../../../domain/campaigns/scenario-references';
import { validateScenario } from '../../../domain/campaigns/validate-scenario';
import { estimatedEnd, waveProgress } from '../../../domain/campaigns/wave-progress';
import { plainScenario } from '../../support/scenario';

const faultsOf = (change: Partial<ScenarioInput>): string[] =>
  validateScenario(scenarioSchema.parse(plainScenario(change))).map((fault) => fault.path);

const arm = (key: string, more: object = {}) => ({ key, label: key, weight: 1, ...more });

describe('what a scenario may get wrong by itself', () => {
  test('nothing, where nothing is wrong', () => {
    expect(faultsOf({})).toEqual([]);
    expect(
      faultsOf({
        arms: [arm('a'), arm('b', { baseline: true }), arm('c', { control: true })],
        experiment: { testShare: 0.5, onNoWinner: 'baseline' },
      }),
    ).toEqual([]);
  });

  test.each<[string, Partial<ScenarioInput>, string[]]>([
    ['two arms and no experiment', { arms: [arm('a'), arm('b')] }, ['/arms']],
    ['a control and no experiment', { arms: [arm('a'), arm('b', { control: true })] }, ['/arms']],
    [
      'only controls',
      { arms: [arm('a', { control: true }), arm('b', { control: true })], experiment: { testShare: 0.5 } },
      ['/arms', '/arms'],
    ],
    ['an experiment of one arm', { experiment: { testShare: 0.5 } }, ['/arms']],
    [
      'the same key twice',
      { arms: [arm('a'), arm('b'), arm('a')], experiment: { testShare: 0.5 } },
      ['/arms/2/key'],
    ],
    [
      'two baselines',
      { arms: [arm('a', { baseline: true }), arm('b', { baseline: true })], experiment: { testShare: 0.5 } },
      ['/arms'],
    ],
    [
      'a control that is the baseline',
      { arms: [arm('a'), arm('b', { control: true, baseline: true })], experiment: { testShare: 0.5 } },
      ['/arms/1/baseline'],
    ],
    [
      'a fall back on no baseline',
      { arms: [arm('a'), arm('b')], experiment: { testShare: 0.5, onNoWinner: 'baseline' } },
      ['/experiment/onNoWinner'],
    ],
    [
      'stratified twice by the same',
      { arms: [arm('a'), arm('b')], experiment: { testShare: 0.5, stratifyBy: ['area', 'persona', 'area'] } },
      ['/experiment/stratifyBy/2'],
    ],
    ['waves that shrink', { rollout: { waves: [0.5, 0.4, 1], observeSeconds: 1 } }, ['/rollout/waves/1']],
    ['a wave of nobody', { rollout: { waves: [0, 1], observeSeconds: 1 } }, ['/rollout/waves/0']],
    ['waves that end early', { rollout: { waves: [0.1, 0.9], observeSeconds: 1 } }, ['/rollout/waves/1']],
    [
      'a test that leaves people out',
      { experiment: { testShare: 0.5, waves: [0.1, 0.9] } },
      ['/arms', '/experiment/waves/1'],
    ],
    [
      'a persona twice',
      { audience: { segment: 'adultes', personas: ['a', 'b', 'a'] } },
      ['/audience/personas/2'],
    ],
    [
      'a guardrail twice',
      {
        guardrails: [
          { metric: 'complaint', limit: 0.1 },
          { metric: 'complaint', limit: 0.2 },
        ],
      },
      ['/guardrails/1/metric'],
    ],
    ['windows of years', { rollout: { observeSeconds: 400 * 86_400 } }, ['/rollout/observeSeconds']],
  ])('%s', (_name, change, expected) => {
    expect(faultsOf(change)).toEqual(expected);
  });
});

describe('what a scenario names', () => {
  const scenario = scenarioSchema.parse(
    plainScenario({
      topic: 'sales',
      audience: { segment: 'adultes', personas: ['adultes', 'seniors'], fallbackPersona: 'autres' },
    }),
  );

  const targeting = {
    version: 1,
    reviewedBy: 'dpo',
    reviewedOn: '2026-01-01',
    allowed: ['age'],
    sensitive: [],
  };

  test('what a rule of the audience may not read, at its place', () => {
    const faults = referenceFaults(scenario, {
      segmentExists: true,
      originalRead: true,
      subPopulations: new Set<string>(),
      personas: new Set(['adultes', 'seniors', 'autres']),
      reads: new Map([
        ['adultes', ['age', 'religion']],
        ['seniors', ['age']],
      ]),
      targeting,
      offerFaults: new Map(),
      brands: new Set(['maison-lumen']),
      topics: new Set(['sales']),
    });
    const message = 'reads what the targeting policy does not allow: religion';
    expect(faults).toEqual([
      { path: '/audience/segment', message },
      { path: '/audience/personas/0', message },
    ]);
  });

  test('what its test may not be stratified by; the persona is no attribute', () => {
    const stratified = scenarioSchema.parse({
      ...scenario,
      experiment: { testShare: 0.5, stratifyBy: ['age', 'persona', 'shoe_size'] },
    });
    const around = {
      segmentExists: true,
      personas: new Set(['adultes', 'seniors', 'autres']),
      originalRead: true,
      subPopulations: new Set<string>(),
      reads: new Map(),
      targeting,
      offerFaults: new Map(),
      brands: new Set(['maison-lumen']),
      topics: new Set(['sales']),
    };
    expect(referenceFaults(stratified, around)).toEqual([
      {
        path: '/experiment/stratifyBy/2',
        message: 'reads what the targeting policy does not allow: shoe_size',
      },
    ]);
  });

  test.each([[[]], [['a', 'b', 'c', 'd']], [['No Name']]])('no strata at all are %j', (stratifyBy) => {
    const given = { ...scenario, experiment: { testShare: 0.5, stratifyBy } };
    expect(scenarioSchema.safeParse(given).success).toBe(false);
  });

  test('each missing thing at its place', () => {
    const faults = referenceFaults(scenario, {
      segmentExists: false,
      originalRead: true,
      subPopulations: new Set<string>(),
      personas: new Set(['adultes']),
      reads: new Map(),
      targeting,
      offerFaults: new Map([['adultes', 'the offer X ended on 2026-01-31']]),
      brands: new Set(),
      topics: new Set(['advice', 'events']),
    });
    expect(faults).toContainEqual({ path: '/topic', message: 'no such topic; there are advice, events' });
    expect(faults.map((fault) => fault.path)).toEqual([
      '/brand',
      '/topic',
      '/audience/segment',
      '/audience/personas/0',
      '/audience/personas/1',
      '/audience/fallbackPersona',
    ]);
  });

  test('an offer that has ended matters to messages that may sell alone', () => {
    const around = {
      segmentExists: true,
      originalRead: true,
      subPopulations: new Set<string>(),
      personas: new Set(['adultes', 'seniors', 'autres']),
      reads: new Map(),
      targeting,
      offerFaults: new Map([['autres', 'the offer X ended on 2026-01-31']]),
      brands: new Set(['maison-lumen']),
      topics: new Set(['sales']),
    };
    expect(referenceFaults(scenario, around)).toEqual([
      { path: '/audience/fallbackPersona', message: 'in its row, the offer X ended on 2026-01-31' },
    ]);
    expect(referenceFaults({ ...scenario, nature: 'service' }, around)).toEqual([]);
  });

  test('no matrix at all is one fault', () => {
    const faults = referenceFaults(scenario, {
      segmentExists: true,
      originalRead: true,
      subPopulations: new Set<string>(),
      personas: null,
      reads: new Map(),
      targeting,
      offerFaults: new Map(),
      brands: new Set(['maison-lumen']),
      topics: new Set(['sales']),
    });
    expect(faults.map((fault) => fault.path)).toEqual(['/audience/personas']);
  });
});

describe('rate and time left of a wave', () => {
  test.each([
    ['at the rate of the last minute', { elapsedSeconds: 600, recent: 120 }, 2, 375],
    ['of a wave younger than a minute', { elapsedSeconds: 50, recent: 250 }, 5, 150],
    ['at the average where nothing moved of late', { elapsedSeconds: 100, recent: 0 }, 0, 300],
  ])('%s', (_, over, perSecond, secondsLeft) => {
    const wave = { planned: 1_000, open: 750, ended: false, ...over };
    expect(waveProgress(wave)).toEqual({ perSecond, secondsLeft });
    expect(estimatedEnd(wave, new Date(0))).toEqual(new Date(secondsLeft * 1_000));
  });
  test.each([
    { planned: 1_000, open: 1_000, elapsedSeconds: 50, recent: 0, ended: false },
    { planned: 1_000, open: 0, elapsedSeconds: 50, recent: 9, ended: true },
    { planned: 0, open: 0, elapsedSeconds: 0, recent: 0, ended: false },
  ])('nothing to say of %j', (wave) => {
    expect(waveProgress(wave)).toEqual({ perSecond: null, secondsLeft: null });
  });
});
