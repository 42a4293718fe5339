import { scenarioSchema, type ScenarioInput } from '../../../domain/campaigns/scenario';
import { referenceFaults } from '../../../domain/campaigns/scenario-references';
import { validateScenario } from '../../../domain/campaigns/validate-scenario';
import { plainScenario } from '../../support/scenario';

type Experiment = NonNullable<ScenarioInput['experiment']>;

const scenarioOf = (measures: Partial<Experiment>) =>
  scenarioSchema.parse(
    plainScenario({
      primaryMetric: { event: 'visit', windowSeconds: 1_000 },
      audience: { segment: 'adultes', personas: ['seniors', 'jeunes'], fallbackPersona: 'autres' },
      arms: [
        { key: 'a', label: 'A', weight: 1 },
        { key: 'b', label: 'B', weight: 1 },
      ],
      experiment: { testShare: 0.5, ...measures },
    }),
  );
const faultsOf = (measures: Partial<Experiment>): string[] =>
  validateScenario(scenarioOf(measures)).map(({ path }) => path);

const purchase = { event: 'purchase', windowSeconds: 1_000 };

describe('what a test counts beside its primary metric', () => {
  test('nothing is wrong where nothing is wrong', () => {
    expect(
      faultsOf({
        secondaryMetrics: [purchase, { event: 'visit', windowSeconds: 500 }],
        northStar: { event: 'subscribed', windowSeconds: 1_000 },
        subPopulations: { segments: ['villes'], personas: ['seniors', 'autres'] },
      }),
    ).toEqual([]);
  });

  test.each<[string, Partial<Experiment>, string[]]>([
    [
      'the primary metric again, whichever way it should go',
      { secondaryMetrics: [{ event: 'visit', windowSeconds: 1_000, direction: 'decrease' }] },
      ['/experiment/secondaryMetrics/0'],
    ],
    [
      'revenue that goes on coming in when the test is read',
      { revenue: { event: 'purchase', windowSeconds: 1_001, currency: 'EUR' } },
      ['/experiment/revenue/windowSeconds'],
    ],
    [
      'the same event twice',
      { secondaryMetrics: [purchase, { event: 'return', windowSeconds: 9 }, purchase] },
      ['/experiment/secondaryMetrics/2'],
    ],
    [
      'a north star that is a secondary metric already',
      { secondaryMetrics: [purchase], northStar: purchase },
      ['/experiment/northStar'],
    ],
    [
      'windows that are still open when the test is read',
      {
        secondaryMetrics: [{ event: 'purchase', windowSeconds: 1_001 }],
        northStar: { event: 'visit', windowSeconds: 9_999 },
      },
      ['/experiment/secondaryMetrics/0/windowSeconds', '/experiment/northStar/windowSeconds'],
    ],
    [
      'the audience as a part of itself',
      { subPopulations: { segments: ['adultes'] } },
      ['/experiment/subPopulations/segments/0'],
    ],
    [
      'a group twice',
      { subPopulations: { segments: ['villes', 'villes'], personas: ['jeunes', 'jeunes'] } },
      ['/experiment/subPopulations/segments/1', '/experiment/subPopulations/personas/1'],
    ],
    [
      'a persona nobody of the audience has',
      { subPopulations: { personas: ['vip'] } },
      ['/experiment/subPopulations/personas/0'],
    ],
  ])('%s', (_name, measures, expected) => {
    expect(faultsOf(measures)).toEqual(expected);
  });

  test('no more than five: a test that asks everything answers nothing', () => {
    const six = Array.from({ length: 6 }, (_, i) => ({ event: `e${i}`, windowSeconds: 1 }));
    expect(() => scenarioOf({ secondaryMetrics: six })).toThrow('secondaryMetrics');
  });
});

test('a sub-population that is no live segment, and one whose rule may not be targeted by', () => {
  const faults = referenceFaults(scenarioOf({ subPopulations: { segments: ['villes', 'campagnes'] } }), {
    segmentExists: true,
    originalRead: true,
    subPopulations: new Set(['villes']),
    personas: new Set(['seniors', 'jeunes', 'autres']),
    reads: new Map([['villes', ['age', 'religion']]]),
    targeting: { version: 1, reviewedBy: 'dpo', reviewedOn: '2026-01-01', allowed: ['age'], sensitive: [] },
    offerFaults: new Map(),
    brands: new Set(['maison-lumen']),
    topics: new Set(),
  });
  expect(faults).toEqual([
    {
      path: '/experiment/subPopulations/segments/0',
      message: 'reads what the targeting policy does not allow: religion',
    },
    { path: '/experiment/subPopulations/segments/1', message: 'no segment has this key' },
  ]);
});
