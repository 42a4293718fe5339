import { shares } from '../../../bench/peeking';
import { sampleSizePerArm } from '../../../domain/experiments/sample-size';
import { randomFrom } from '../../../bench/random';

const RUNS = 2_000;

test('naive peeking calls every fourth test without a difference one; ours one in twenty at most', () => {
  const read = shares(1_000, { rates: [0.01, 0.01], looks: 28, perLook: 500 }, randomFrom(28));
  expect(read.naive).toBeGreaterThan(0.2);
  expect(read.ours).toBeLessThanOrEqual(0.05);
});

test.each([
  [0.1, 0.12],
  [0.02, 0.026],
])('at the computed number of people, %d against %d is found four times in five', (p1, p2) => {
  const n = Math.ceil(sampleSizePerArm(p1, p2, { alpha: 0.05, power: 0.8 }));
  const read = shares(RUNS, { rates: [p1, p2], looks: 1, perLook: n }, randomFrom(80));
  expect(Math.abs(read.ours - 0.8)).toBeLessThanOrEqual(0.02);
});
