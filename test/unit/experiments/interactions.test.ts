import { randomFrom } from '../../../bench/random';
import { exclusionSalt, overlap } from '../../../domain/experiments/exclusion';
import { interactionsOf, interactionWords, type CrossCell } from '../../../domain/experiments/interactions';
import { assignmentHash } from '../../../store/assignment';

const cell = (arm: string, otherArm: string, n: number, events: number): CrossCell => ({
  arm,
  otherArm,
  n,
  events,
});
const asked = (cells: readonly CrossCell[], more: readonly CrossCell[][] = []) =>
  interactionsOf(
    [cells, ...more].map((one, i) => ({ campaignId: `c${i}`, name: `Test ${i}`, cells: one })),
    ['none', 'a'],
    'none',
    0.05,
  );

test('an effect that is there in one arm of the other test alone is shown, with the p of two equal weights by hand', () => {
  const [only] = asked([
    cell('none', 'x', 1_000, 100),
    cell('a', 'x', 1_000, 200),
    cell('none', 'y', 1_000, 100),
    cell('a', 'y', 1_000, 100),
  ]);
  // Q = (0.1 − 0)² / (v + w), of the smoothed variances; 1 degree of freedom.
  const v = (events: number): number => ((events + 0.5) / 1_001) * (1 - (events + 0.5) / 1_001);
  const q = 0.01 / ((v(200) + v(100) + 2 * v(100)) / 1_000);
  expect(q).toBeCloseTo(23.2, 1);
  // P(χ²₁ > 23.2) = 1.46e-6, by its published value.
  expect(only?.effects[0]?.p).toBeGreaterThan(1.2e-6);
  expect(only?.effects[0]?.p).toBeLessThan(1.6e-6);
  expect(only).toMatchObject({ shared: 4_000, verdict: 'shown', independenceP: 1 });
  expect(interactionWords(only!)).toContain('the effect differs by their arm there');
});

test.each<[string, readonly CrossCell[], string]>([
  [
    'the same effect',
    [
      cell('none', 'x', 900, 90),
      cell('a', 'x', 900, 180),
      cell('none', 'y', 900, 200),
      cell('a', 'y', 900, 290),
    ],
    'not-shown',
  ],
  [
    'few events',
    [cell('none', 'x', 900, 1), cell('a', 'x', 900, 9), cell('none', 'y', 900, 3), cell('a', 'y', 900, 3)],
    'too-few',
  ],
  ['one arm there', [cell('none', 'x', 900, 90), cell('a', 'x', 900, 180)], 'too-few'],
  [
    'arms that go together',
    [
      cell('none', 'x', 900, 90),
      cell('a', 'x', 500, 60),
      cell('none', 'y', 500, 60),
      cell('a', 'y', 900, 90),
    ],
    'dependent',
  ],
  ['nobody', [], 'too-few'],
])('%s: %s', (_, cells, verdict) => {
  expect(asked(cells)[0]?.verdict).toBe(verdict);
});

test('several tests are adjusted together', () => {
  const strong = [
    cell('none', 'x', 1_000, 100),
    cell('a', 'x', 1_000, 160),
    cell('none', 'y', 1_000, 100),
    cell('a', 'y', 1_000, 110),
  ];
  const [alone] = asked(strong);
  const [together] = asked(strong, [strong, strong]);
  expect(together?.effects[0]?.pAdjusted).toBeCloseTo(3 * (alone?.effects[0]?.p ?? 0), 12);
});

test('where two tests only add up, one is shown in 5 % at the most', () => {
  const random = randomFrom(7);
  const RUNS = 3_000;
  let shown = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const cells = ['none', 'a'].flatMap((arm, i) =>
      ['x', 'y', 'z'].map((other, j) =>
        cell(arm, other, 1_500, random.binomial(1_500, 0.1 + 0.02 * i + 0.01 * j)),
      ),
    );
    if (asked(cells)[0]?.verdict === 'shown') shown += 1;
  }
  expect(shown / RUNS).toBeGreaterThan(0.03);
  expect(shown / RUNS).toBeLessThan(0.065);
});

test('parts of a group overlap where they have somebody in common', () => {
  const part = (from: number, to: number, group = 'g') => ({ group, from, to });
  expect(overlap(part(0, 0.5), part(0.5, 1))).toBe(false);
  expect(overlap(part(0, 0.5), part(0.49, 1))).toBe(true);
  expect(overlap(part(0, 1), part(0.2, 0.3))).toBe(true);
  expect(overlap(part(0, 1), part(0, 1, 'h'))).toBe(false);
});

test('where somebody lies in a group hangs on the group alone, and is where it always was', () => {
  expect(exclusionSalt('spring')).toBe('exclusion.spring');
  // The first 13 hexadecimal digits of SHA-256 of `exclusion.spring`, U+001F and `42`, over 16^13.
  expect(assignmentHash(exclusionSalt('spring'), 42)).toBe(0xad4a88ffa2965 / 2 ** 52);
});
