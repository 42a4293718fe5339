import { evaluateCampaign } from '../../../domain/experiments/campaign-evaluation';
import type { ShareArm } from '../../../domain/experiments/evaluation';
import { renderReport } from '../../../domain/improvement/report/render';
import { testLogEntry } from '../../../domain/improvement/test-log-entry';
import { campaignFacts } from './facts';

const arm = (message: string, visual: string, events: number): ShareArm => ({
  key: `${message}-${visual}`,
  label: `${message} ${visual}`,
  weight: 1,
  n: 5_000,
  events,
  factors: { message, visual },
});

const evaluated = (look: 'early' | 'final') =>
  evaluateCampaign({
    metric: 'visit',
    direction: 'increase',
    windowSeconds: 60,
    alpha: 0.05,
    minPerArm: 1_000,
    look,
    cells: [],
    arms: [
      { key: 'none', weight: 1, control: true, n: 5_000, events: 400 },
      arm('short', 'day', 500),
      arm('long', 'day', 700),
      arm('short', 'night', 510),
      arm('long', 'night', 720),
    ],
  });

const facts = () => {
  const base = campaignFacts();
  return {
    ...base,
    evaluation: evaluated('final'),
    arms: base.arms.map((one) => ({
      ...one,
      way: { factors: { message: 'long' }, channels: ['sms' as const], sendHour: 18 },
    })),
  };
};

test('the report says what each choice does, without the control, and how the arms go out', () => {
  const markdown = renderReport(facts(), []);
  expect(markdown).toMatch(/### What each choice does\n\nNothing is decided by these\./);
  expect(markdown).toMatch(
    /^- message: long against short: \+4\.10 points, 95% interval .* \(p 1\.4e-18\)\.$/m,
  );
  expect(markdown).toMatch(/^- visual: night against day: no difference shown, \+0\.30 points, .*$/m);
  expect(markdown).toContain('**Arms that go out another way** ');
  expect(markdown).toContain('Mens by sms, at 18 h, message long');
});

test('the test log keeps the choices that were shown', () => {
  const { result } = testLogEntry(facts(), []);
  expect(result).toContain('message: long against short: +4.10 points');
  expect(result).not.toContain('visual');
});

test('an early look says nothing of the choices: their tests do not hold at every look', () => {
  expect(evaluated('early').factors).toBeUndefined();
  expect(evaluated('final').factors?.crossed).toBe(true);
});
