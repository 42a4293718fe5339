import { cheapestArm } from '../../../domain/campaigns/arms';
import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { plainScenario } from '../../support/scenario';

const arm = (key: string, over = {}) => ({ key, label: key, weight: 1, ...over });
const scenario = scenarioSchema.parse({
  ...plainScenario(),
  arms: [arm('none', { control: true }), arm('long'), arm('short'), arm('today', { baseline: true })],
  experiment: { testShare: 0.5, onNoWinner: 'cheapest' },
});

test.each<[string, Record<string, number>, string]>([
  ['what costs the least', { long: 60_000, short: 30_000, today: 60_000 }, 'short'],
  ['of those that cost alike the baseline', { long: 30_000, short: 30_000, today: 30_000 }, 'today'],
  ['else the first', { long: 30_000, short: 30_000, today: 60_000 }, 'long'],
  ['of those of which something is known', { long: 60_000 }, 'long'],
  ['of nothing the baseline', {}, 'today'],
  ['never who gets nothing', { none: 0, long: 10, short: 20 }, 'long'],
])('the cheapest arm: %s', (_name, costs, expected) => {
  expect(cheapestArm(scenario, costs)).toBe(expected);
});
