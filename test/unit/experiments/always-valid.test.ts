import * as fc from 'fast-check';
import { alwaysValidLowerBound, lnEvidence } from '../../../domain/experiments/always-valid';
import { anyLook, judgeGuardrail, type Bound } from '../../../domain/experiments/guardrail';
import { recentBound } from '../../../domain/experiments/wave-verdict';

/** The average as it is defined, by Simpson's rule over the share. */
function lnEvidenceByIntegral(events: number, n: number, limit: number): number {
  const b = 1 / limit;
  const pieces = 40_000;
  const width = (1 - limit) / pieces;
  let sum = 0;
  for (let i = 0; i <= pieces; i += 1) {
    const share = Math.min(1 - 1e-15, limit + i * width);
    const weight = i === 0 || i === pieces ? 1 : i % 2 === 1 ? 4 : 2;
    const density = b * (1 - share) ** (b - 1) * (1 - limit) ** -b;
    const ratio = events * Math.log(share / limit) + (n - events) * (Math.log1p(-share) - Math.log1p(-limit));
    sum += weight * density * Math.exp(ratio);
  }
  return Math.log((sum * width) / 3);
}

test.each([
  [0, 50, 0.05],
  [5, 50, 0.05],
  [12, 100, 0.05],
  [40, 2_000, 0.01],
  [9, 1_000, 0.003],
])('the evidence of %d in %d against %d is the average it stands for', (events, n, limit) => {
  expect(lnEvidence(events, n, limit)).toBeCloseTo(lnEvidenceByIntegral(events, n, limit), 6);
});

const oneMore = (chances: readonly number[], share: number): number[] => {
  const next = Array<number>(chances.length + 1).fill(0);
  chances.forEach((p, events) => {
    next[events] = (next[events] ?? 0) + p * (1 - share);
    next[events + 1] = (next[events + 1] ?? 0) + p * share;
  });
  return next;
};

/** Exactly: that one of so many looks, each after `every` more messages, calls a share of this size an alarm. */
function chanceOfAlarm(
  share: number,
  looks: number,
  every: number,
  alarm: (events: number, n: number) => boolean,
): number {
  let alive = [1];
  let stopped = 0;
  for (let look = 1; look <= looks; look += 1) {
    for (let i = 0; i < every; i += 1) alive = oneMore(alive, share);
    // The fewest events that raise it: more of them do so too.
    let [calm, loud] = [-1, alive.length];
    while (loud - calm > 1) {
      const middle = Math.floor((calm + loud) / 2);
      if (alarm(middle, look * every)) loud = middle;
      else calm = middle;
    }
    stopped += alive.slice(loud).reduce((sum, p) => sum + p, 0);
    alive = alive.map((p, events) => (events < loud ? p : 0));
  }
  return stopped;
}

const LIMIT = 0.05;
const crosses =
  (bound?: Bound) =>
  (events: number, n: number): boolean =>
    judgeGuardrail({
      metric: 'unsubscribe',
      events,
      n,
      limit: LIMIT,
      ...(bound === undefined ? {} : { bound }),
    }).crossed;

test('a share at its limit is called above it by 5 % at most, however often it is looked at', () => {
  const atTheLimit = chanceOfAlarm(LIMIT, 60, 20, crosses(anyLook(1)));
  expect(atTheLimit).toBeLessThanOrEqual(0.05);
  expect(atTheLimit).toBeGreaterThan(0.005);
  expect(chanceOfAlarm(LIMIT, 30, 20, crosses(recentBound(4 * 7 * 86_400)))).toBeLessThanOrEqual(0.05 / 4);
  // The bound of one look does not keep that.
  expect(chanceOfAlarm(LIMIT, 60, 20, crosses())).toBeGreaterThan(0.12);
});

test('twice the limit is found out', () => {
  expect(chanceOfAlarm(2 * LIMIT, 60, 20, crosses(anyLook(1)))).toBeGreaterThan(0.98);
});

test('at the limit the evidence has the mean 1 after any number of messages', () => {
  let chances = [1];
  for (let n = 1; n <= 200; n += 1) {
    chances = oneMore(chances, LIMIT);
    if (n % 40 !== 0) continue;
    const mean = chances.reduce((sum, p, events) => sum + p * Math.exp(lnEvidence(events, n, LIMIT)), 0);
    expect(mean).toBeCloseTo(1, 6);
  }
});

test('the bound is where the evidence turns, below the rate, and falls with the confidence asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constantFrom(0.05, 0.0125, 0.001),
      (n, share, alpha) => {
        const events = Math.floor(n * share);
        const bound = alwaysValidLowerBound(events, n, alpha);
        expect(bound).toBeGreaterThanOrEqual(0);
        expect(bound).toBeLessThanOrEqual(events / n);
        expect(alwaysValidLowerBound(events, n, alpha / 10)).toBeLessThanOrEqual(bound);
        if (bound === 0) return;
        expect(lnEvidence(events, n, bound * 0.999)).toBeGreaterThanOrEqual(-Math.log(alpha));
        expect(lnEvidence(events, n, Math.min(bound * 1.001, 0.999999))).toBeLessThan(
          -Math.log(alpha) + 1e-6,
        );
      },
    ),
  );
});
