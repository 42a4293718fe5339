import { evaluateCampaign } from '../../../domain/experiments/campaign-evaluation';
import type { EvaluationInputs, OutcomeCell } from '../../../domain/experiments/outcomes';
import { leadingEffects } from '../../../domain/improvement/leading-effects';
import { renderReport } from '../../../domain/improvement/report/render';
import { testLogEntry } from '../../../domain/improvement/test-log-entry';
import { campaignFacts } from './facts';

const cellsOf = (none: number, mens: number, persona: string): OutcomeCell[] => [
  { arm: 'none', persona, n: 10_000, events: none },
  { arm: 'mens', persona, n: 10_000, events: mens },
];
const cells = [
  ...cellsOf(1_000, 1_400, 'new'),
  ...cellsOf(1_000, 1_010, 'old'),
  ...cellsOf(100, 100, 'rest'),
];

/** Facts of a campaign whose scenario declared other metrics and groups; `disturbed`: its arms are not as they were weighed. */
function facts({
  health = 'ok' as 'ok' | 'disturbed',
  concurrent = [] as EvaluationInputs['concurrent'] & object,
} = {}) {
  const base = campaignFacts();
  const declared = {
    secondaryMetrics: [
      { event: 'purchase', direction: 'increase' as const, windowSeconds: 7 * 86_400 },
      { event: 'sent_back', direction: 'decrease' as const, windowSeconds: 86_400 },
    ],
    northStar: { event: 'subscribed', direction: 'increase' as const, windowSeconds: 86_400 },
    subPopulations: { segments: ['city'], personas: ['new'] },
  };
  const inputs: EvaluationInputs = {
    metric: 'visit',
    direction: 'increase',
    windowSeconds: 14 * 86_400,
    alpha: 0.05,
    minPerArm: 1_000,
    cells,
    concurrent,
    arms: [
      {
        key: 'none',
        label: 'No e-mail',
        weight: health === 'ok' ? 1 : 3,
        control: true,
        n: 30_000,
        events: 2_100,
      },
      { key: 'mens', label: 'Mens', weight: 1, n: 30_000, events: 2_510 },
    ],
    otherMetrics: [
      { ...declared.northStar, role: 'north-star', cells: cellsOf(100, 104, 'new') },
      { ...declared.secondaryMetrics[0]!, role: 'secondary', cells: cellsOf(500, 700, 'new') },
      { ...declared.secondaryMetrics[1]!, role: 'secondary', cells: cellsOf(50, 90, 'new') },
    ],
    groups: {
      segments: ['city'],
      segmentCells: [
        { segment: 'city', inside: true, arm: 'none', n: 10_000, events: 1_000 },
        { segment: 'city', inside: true, arm: 'mens', n: 10_000, events: 1_300 },
        { segment: 'city', inside: false, arm: 'none', n: 20_000, events: 1_100 },
        { segment: 'city', inside: false, arm: 'mens', n: 20_000, events: 1_210 },
      ],
      personas: ['new', 'vip'],
    },
  };
  const evaluation = evaluateCampaign(inputs);
  return {
    ...base,
    experiment: { ...base.experiment!, ...declared },
    evaluation,
    personaEffects: leadingEffects(inputs, evaluation),
  };
}

test('the report says what was to be counted, what came of it in words, and that it decides nothing', () => {
  const markdown = renderReport(facts(), []);
  expect(markdown).toContain('**North star, measured as** more subscribed within 1 day.');
  expect(markdown).toContain('**Also counted** more purchase within 7 days; less sent\\_back within 1 day.');
  expect(markdown).toContain('**Effects tested in** who is in city; persona new.');

  expect(markdown).toContain('### Also measured\n\nNothing is decided by these.');
  expect(markdown).toContain('about 5 in 100 are chance');
  expect(markdown).toMatch(
    /^\| subscribed within 1 day \(north star\) \| Mens \|.*\| no difference shown \|$/m,
  );
  expect(markdown).toMatch(
    /^\| purchase within 7 days \| Mens \| 10,000 \| 7\.00% \| 5\.00% \| \+2\.00 points \| 95% interval .* \| better \|$/m,
  );
  expect(markdown).toMatch(/^\| sent\\_back within 1 day \| Mens \|.*\| worse \|$/m);

  expect(markdown).toContain('| Metric | Arm | People | Rate | No e-mail | Difference |');
  const groups = markdown.split('### `visit` by declared group')[1]?.split('### By persona')[0] ?? '';
  expect(groups).toMatch(/^\| in city \| Mens \|.*\+3\.00 points.*\| better \|$/m);
  expect(groups).toMatch(/^\| not in city \| Mens \|.*\| – \| exploratory \|$/m);
  expect(groups).toMatch(/^\| persona new \| Mens \|.*\| better \|$/m);
  expect(groups).toMatch(/^\| persona vip \| nobody to compare \|/m);
  expect(groups).toMatch(/- Mens, in city against everybody else: the effect differs \(p .*, Holm\)\./);
});

test('personas that were not declared stay exploratory, and those that were are not told twice', () => {
  const exploratory = renderReport(facts(), []).split('### By persona (exploratory)')[1] ?? '';
  expect(exploratory).toContain('| `old` |');
  expect(exploratory).toContain('| `rest` |');
  expect(exploratory).not.toContain('| `new` |');
  expect(renderReport(campaignFacts(), [])).not.toMatch(/Also measured|declared group|Also counted/);
});

test('a test that is not valid has nothing valid beside it', () => {
  const disturbed = facts({ health: 'disturbed' });
  expect(disturbed.evaluation.decision.action).toBe('invalid');
  const markdown = renderReport(disturbed, []);
  expect(markdown.match(/neither is anything measured beside it/g)).toHaveLength(2);
  expect(testLogEntry(disturbed, []).result).not.toContain('Beside it');
});

test('the test log keeps what was shown, and nothing of what was not', () => {
  const { result } = testLogEntry(facts(), []);
  expect(result).toContain(
    'Beside it, deciding nothing: Mens: purchase within 7 days is better, +2.00 points (q ',
  );
  expect(result).toContain('Mens: sent_back within 1 day is worse, +0.40 points (q ');
  expect(result).toContain('Mens: visit, in city, is better, +3.00 points (p ');
  expect(result).not.toMatch(/subscribed|not in city/);
});

describe('tests that shared people', () => {
  const crossed = (mensThere: number) => ({
    campaignId: 'cother000001',
    name: 'Autumn *sale*',
    cells: [
      { arm: 'none', otherArm: 'x', n: 2_000, events: 200 },
      { arm: 'mens', otherArm: 'x', n: 2_000, events: 220 },
      { arm: 'none', otherArm: 'y', n: 2_000, events: 200 },
      { arm: 'mens', otherArm: 'y', n: 2_000, events: mensThere },
    ],
  });

  test('an effect that hangs on another test stands in the reasons and in report and log, and the decision stays', () => {
    const alone = facts();
    const shared = facts({ concurrent: [crossed(420)] });
    const { reasons, ...decision } = shared.evaluation.decision;
    expect(alone.evaluation.decision).toMatchObject(decision);
    expect(reasons.slice(0, -1)).toEqual(alone.evaluation.decision.reasons);
    expect(reasons.at(-1)).toMatch(/^It decides nothing.*Autumn \*sale\* \(cother000001\), 8000 people/);
    const markdown = renderReport(shared, []);
    expect(markdown).toMatch(/### Tests that shared people\n\n- Autumn \\\*sale\\\* .*the effect differs/);
    expect(testLogEntry(shared, []).result.match(/the effect differs by their arm there/g)).toHaveLength(1);
  });

  test('one that is not shown is told by the report, and is no reason', () => {
    const shared = facts({ concurrent: [crossed(221)] });
    expect(shared.evaluation.decision.reasons).toEqual(facts().evaluation.decision.reasons);
    expect(renderReport(shared, [])).toContain('no interaction shown');
    expect(testLogEntry(shared, []).result).not.toContain('interaction');
  });

  test('nothing of a test that is not valid is a reason', () => {
    const { decision } = facts({ health: 'disturbed', concurrent: [crossed(420)] }).evaluation;
    expect(decision).toMatchObject({ action: 'invalid' });
    expect(decision.reasons.join(' ')).not.toContain('Autumn');
  });
});

test('the share of a test is told with the part of the group it is of', () => {
  const base = facts();
  const exclusion = { group: 'spring', from: 0.2, to: 0.5 };
  const inPart = { ...base, experiment: { ...base.experiment, exclusion } };
  expect(renderReport(inPart, [])).toContain(
    '% of the rest, only in 0.2 to 0.5 of the group spring, at alpha',
  );
  expect(testLogEntry(inPart, []).implementation).toContain(
    'of the rest, only in 0.2 to 0.5 of the group spring, measured',
  );
});
