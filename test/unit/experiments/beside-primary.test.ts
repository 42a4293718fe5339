import { benjaminiHochberg } from '../../../domain/experiments/benjamini-hochberg';
import { evaluateCampaign } from '../../../domain/experiments/campaign-evaluation';
import { evaluateExperiment } from '../../../domain/experiments/evaluate';
import type { GroupCounts, SegmentCell } from '../../../domain/experiments/declared-groups';
import { holm } from '../../../domain/experiments/holm';
import type { OtherCounts } from '../../../domain/experiments/other-metrics';
import type { EvaluationInputs, OutcomeCell } from '../../../domain/experiments/outcomes';
import { twoProportionTest } from '../../../domain/experiments/two-proportions';

const ARMS = ['none', 'a', 'b'];
const PEOPLE = 10_000;

const cellsOf = (events: readonly number[], persona = 'regular'): OutcomeCell[] =>
  ARMS.map((arm, i) => ({ arm, persona, n: PEOPLE, events: events[i] ?? 0 }));

const measure = (event: string, events: readonly number[], more: Partial<OtherCounts> = {}): OtherCounts => ({
  role: 'secondary',
  event,
  direction: 'increase',
  windowSeconds: 60,
  cells: cellsOf(events),
  ...more,
});

const inputs = (more: Partial<EvaluationInputs> = {}): EvaluationInputs => {
  const cells = more.cells ?? cellsOf([1_000, 1_010, 990]);
  const sum = (arm: string, of: 'n' | 'events') =>
    cells.filter((cell) => cell.arm === arm).reduce((total, cell) => total + cell[of], 0);
  return {
    metric: 'visit',
    direction: 'increase',
    windowSeconds: 60,
    alpha: 0.05,
    minPerArm: 100,
    arms: ARMS.map((key) => ({
      key,
      weight: 1,
      control: key === 'none',
      n: sum(key, 'n'),
      events: sum(key, 'events'),
    })),
    ...more,
    cells,
  };
};

const pOf = (events: number, reference: number, n = PEOPLE): number =>
  twoProportionTest({ n, events }, { n, events: reference }).p;

describe('metrics beside the primary one', () => {
  // Alone each of these two is below alpha; one of them is not among four.
  const purchase = measure('purchase', [500, 565, 500]);
  const back = measure('return', [500, 575, 500], { direction: 'decrease' });

  test('are adjusted over all of them and all arms by Benjamini and Hochberg', () => {
    const { otherMetrics } = evaluateCampaign(inputs({ otherMetrics: [purchase, back] }));
    const ps = [pOf(565, 500), 1, pOf(575, 500), 1];
    const told = otherMetrics?.flatMap(({ effects }) => effects) ?? [];
    expect(told.map(({ p }) => p)).toEqual(ps);
    expect(told.map(({ pAdjusted }) => pAdjusted)).toEqual(benjaminiHochberg(ps));
    expect(ps[0]).toBeLessThan(0.05);
    expect(told.map(({ verdict }) => verdict)).toEqual([
      'no-difference',
      'no-difference',
      'no-difference',
      'no-difference',
    ]);
    // With half as many to be wrong about, both are shown; more of what should be less is worse.
    const two = evaluateCampaign(
      inputs({
        arms: inputs().arms.slice(0, 2),
        otherMetrics: [purchase, back],
      }),
    );
    expect(two.otherMetrics?.map(({ effects }) => effects.map(({ verdict }) => verdict))).toEqual([
      ['better'],
      ['worse'],
    ]);
  });

  test('never touch what the primary metric decided', () => {
    const alone = inputs();
    const { otherMetrics, groups, sensitivity, ...evaluation } = evaluateCampaign({
      ...alone,
      otherMetrics: [measure('purchase', [500, 5_000, 5_000])],
      groups: groupsOf([5_000, 9_000, 100], [100, 200, 300]),
    });
    expect(otherMetrics?.[0]?.effects[0]?.verdict).toBe('better');
    expect(groups?.[0]?.effects[0]?.verdict).toBe('better');
    expect(sensitivity).toEqual(evaluateCampaign(alone).sensitivity);
    expect(evaluation).toEqual(evaluateExperiment(alone));
    expect(evaluation.decision.action).toBe('no-winner');
  });

  test('before the end they are told by what holds at every look, of the share of alpha that is the look’s', () => {
    const look = inputs({ look: 'early', earlyLooks: true, otherMetrics: [purchase] });
    const early = evaluateCampaign(look).otherMetrics?.[0]?.effects[0];
    const final = evaluateCampaign({ ...look, look: 'final' }).otherMetrics?.[0]?.effects[0];
    const asPrimary = evaluateExperiment({ ...look, arms: evaluateArms([500, 565, 500]) }).comparisons[0];
    expect(early).toMatchObject({ p: asPrimary?.p, ci: asPrimary?.alwaysValid.ci });
    expect(early?.p).toBeGreaterThan(final?.p ?? 1);
    expect(final?.pAdjusted).toBeCloseTo((2 * pOf(565, 500)) / 0.8, 10);
  });

  test('with too few events, or nobody, nothing is said of them', () => {
    const told = evaluateCampaign(
      inputs({
        otherMetrics: [
          measure('rare', [0, 3, 0]),
          measure('nobody', [], { cells: [{ arm: 'a', n: 10, events: 5 }] }),
        ],
      }),
    ).otherMetrics;
    expect(told?.[0]?.effects.map(({ verdict }) => verdict)).toEqual(['too-few', 'too-few']);
    expect(told?.[1]?.effects).toEqual([]);
  });

  const evaluateArms = (events: readonly number[]) =>
    inputs().arms.map((arm, i) => ({ ...arm, n: PEOPLE, events: events[i] ?? 0 }));
});

const segmentCells = (inside: readonly number[], outside: readonly number[]): SegmentCell[] =>
  [inside, outside].flatMap((events, side) =>
    ARMS.map((arm, i) => ({ segment: 'city', inside: side === 0, arm, n: PEOPLE, events: events[i] ?? 0 })),
  );
const groupsOf = (
  inside: readonly number[],
  outside: readonly number[],
  personas: string[] = [],
): GroupCounts => ({ segments: ['city'], segmentCells: segmentCells(inside, outside), personas });

describe('declared groups', () => {
  const cells = [...cellsOf([1_000, 1_090, 1_000], 'new'), ...cellsOf([1_000, 1_000, 1_000], 'old')];

  test('are adjusted over all of them and all arms by Holm; everybody outside a segment is exploratory', () => {
    const { groups = [] } = evaluateCampaign(
      inputs({ cells, groups: groupsOf([1_000, 1_200, 1_000], [1_000, 900, 1_000], ['new']) }),
    );
    expect(groups.map(({ kind, group }) => [kind, group])).toEqual([
      ['segment', 'city'],
      ['outside', 'city'],
      ['persona', 'new'],
    ]);
    const tested = groups.filter(({ kind }) => kind !== 'outside').flatMap(({ effects }) => effects);
    const ps = [pOf(1_200, 1_000), 1, pOf(1_090, 1_000), 1];
    expect(tested.map(({ pAdjusted }) => pAdjusted)).toEqual(holm(ps));
    // Below alpha alone, and not among four.
    expect(ps[2]).toBeLessThan(0.05);
    expect(tested.map(({ verdict }) => verdict)).toEqual([
      'better',
      'no-difference',
      'no-difference',
      'no-difference',
    ]);
    expect(groups[1]?.effects).toMatchObject([
      { arm: 'a', pAdjusted: null, verdict: 'exploratory' },
      { arm: 'b', pAdjusted: null, verdict: 'exploratory' },
    ]);
    expect(groups[1]?.effects[0]?.p).toBeCloseTo(pOf(900, 1_000), 12);
  });

  test('whether an effect is another one outside is asked of both sides together, and not before the end', () => {
    const differing = inputs({ groups: groupsOf([1_000, 1_200, 1_000], [1_000, 900, 1_000]) });
    const [city] = evaluateCampaign(differing).groups ?? [];
    expect(city?.differs.map(({ arm }) => arm)).toEqual(['a', 'b']);
    expect(city?.differs[0]?.pAdjusted).toBeLessThan(1e-5);
    expect(city?.differs[1]?.pAdjusted).toBe(1);
    // The same effect on both sides, however large.
    const [same] =
      evaluateCampaign(inputs({ groups: groupsOf([1_000, 2_000, 1_000], [1_000, 2_000, 1_000]) })).groups ??
      [];
    expect(same?.effects[0]?.verdict).toBe('better');
    expect(same?.differs.map(({ pAdjusted }) => pAdjusted)).toEqual([1, 1]);
    const [early] = evaluateCampaign({ ...differing, look: 'early', earlyLooks: true }).groups ?? [];
    expect(early?.differs).toEqual([]);
    expect(early?.effects).toHaveLength(2);
  });

  test('a group nobody of the test is in has no effect, and a persona nobody has neither', () => {
    const { groups } = evaluateCampaign(
      inputs({ groups: { segments: ['city'], segmentCells: [], personas: ['vip'] } }),
    );
    expect(groups).toEqual([
      { kind: 'segment', group: 'city', effects: [], differs: [] },
      { kind: 'outside', group: 'city', effects: [], differs: [] },
      { kind: 'persona', group: 'vip', effects: [], differs: [] },
    ]);
  });
});
