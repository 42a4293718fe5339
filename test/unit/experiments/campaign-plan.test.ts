import { scenarioSchema } from '../../../domain/campaigns/scenario';
import { campaignTestPlan, tooSmallWords } from '../../../domain/experiments/campaign-plan';
import { scenario as scenarioInput } from '../../support/people';

const scenario = (experiment: object) =>
  scenarioSchema.parse(
    scenarioInput({
      arms: ['none', 'a', 'b'].map((key) => ({ key, label: key, weight: 1, control: key === 'none' })),
      experiment: { testShare: 0.5, ...experiment },
    }),
  );
const audience = (test: number, rollout = 100_000) => ({
  matched: test + rollout,
  parts: { pilot: 0, test, rollout },
});

test('a test that was not sized needs its least number of people in every arm', () => {
  expect(tooSmallWords(scenario({}), audience(3_000))).toBeNull();
  expect(tooSmallWords(scenario({}), audience(2_999))).toContain('about 999 people');
  expect(tooSmallWords(scenario({ minPerArm: 10 }), audience(30))).toBeNull();
  // Nobody is left for it: the stage does not apply.
  expect(tooSmallWords(scenario({}), audience(0))).toBeNull();
});

test('one that was sized needs what its effect takes, and says what would make it possible', () => {
  const sized = scenario({ baselineRate: 0.1, minimumEffect: { relative: 0.2 } });
  const plan = campaignTestPlan(sized, null);
  expect(plan).toMatchObject({ feasible: true, alphaPerComparison: 0.025 });
  const total = plan?.total ?? 0;
  expect(total).toBeGreaterThan(12_000);
  expect(tooSmallWords(sized, audience(total))).toBeNull();
  const words = tooSmallWords(sized, audience(total - 1)) ?? '';
  expect(words).toContain(`has ${total - 1} people and needs ${total}`);
  expect(words).toContain('A larger share in the test');
  expect(words).toContain('Fewer arms: 2 of them');
  expect(words).toContain('No test');
  expect(words).not.toContain('Longer');
  // A quarter of the 40 who come in a day would be in the test, since half may not be written to: one is missing.
  const half = { matched: 4 * (total - 1), parts: { pilot: 0, test: total - 1, rollout: total - 1 } };
  expect(tooSmallWords(sized, half, 40)).toContain(
    `Longer: ${total} people are there after 1 more days at 10 a day.`,
  );
  const impossible = scenario({ baselineRate: 0.5, minimumEffect: { relative: 2 } });
  expect(tooSmallWords(impossible, audience(1e6))).toContain('cannot find the effect');
});

test('early looks take their share of alpha from the end', () => {
  const plan = campaignTestPlan(
    scenario({ baselineRate: 0.1, minimumEffect: { absolute: 0.02 }, earlyLooks: 4 }),
    null,
  );
  expect(plan?.alphaPerComparison).toBeCloseTo(0.02, 12);
});
