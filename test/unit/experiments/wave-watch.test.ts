import fc from 'fast-check';
import { lnEvidence } from '../../../domain/experiments/always-valid';
import { judgeSending, mustCount } from '../../../domain/experiments/wave-watch';

const UNSUBSCRIBE = 0.005;
const NEARLY = -Math.log(0.05) - 1e-6;
const LIMITS = [
  { metric: 'unsubscribe', limit: UNSUBSCRIBE },
  { metric: 'complaint', limit: 0.001 },
] as const;
const outcome = (accepted: number, unsubscribed: number, complained = 0) => ({
  accepted,
  failed: 0,
  uncertain: 0,
  unsubscribed,
  complained,
});
const wave = { step: 'first', wave: 'pilot' };

test('what need not be counted is within every limit, however many were accepted since', () => {
  const count = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(
      count,
      count,
      fc.integer({ min: 0, max: 20_000 }),
      fc.integer({ min: 0, max: 20_000 }),
      (unsubscribed, complained, known, more) => {
        if (mustCount({ ...wave, unsubscribed, complained }, known, LIMITS)) return;
        const accepted = Math.max(known, unsubscribed, complained) + more;
        expect(judgeSending(outcome(accepted, unsubscribed, complained), LIMITS).ok).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test('few answers are anecdotes, and many of few are counted', () => {
  expect(mustCount({ ...wave, unsubscribed: 4, complained: 4 }, 0, LIMITS)).toBe(false);
  expect(mustCount({ ...wave, unsubscribed: 5, complained: 0 }, 0, LIMITS)).toBe(true);
  expect(mustCount({ ...wave, unsubscribed: 5, complained: 0 }, 1_000, LIMITS)).toBe(false);
});

/** Numbers in [0, 1) that are the same at every run (a linear congruential generator modulo 2^32, of Numerical Recipes). */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

const PER_SECOND = 300;
const LOOK_SECONDS = 0.25;
/** From the look that finds it until no further message is handed over. */
const REACTION_SECONDS = 1;
const [SHARDS, BATCH] = [2, 500];

/** A pilot whose people unsubscribe at once at `rate`: of how many the evidence first crosses, and how many went out. */
function pilot(rate: number, people: number, next: () => number) {
  let unsubscribed = 0;
  let crossedAt: number | null = null;
  for (let sent = 1; sent <= people; sent += 1) {
    if (next() >= rate) continue;
    unsubscribed += 1;
    // What the bound asks, without looking for it.
    if (lnEvidence(unsubscribed, sent, UNSUBSCRIBE) < NEARLY) continue;
    if (judgeSending(outcome(sent, unsubscribed), LIMITS).ok) continue;
    crossedAt = sent;
    break;
  }
  if (crossedAt === null) return null;
  const looks = Math.ceil(crossedAt / PER_SECOND / LOOK_SECONDS);
  const stoppedAt = Math.ceil((looks * LOOK_SECONDS + REACTION_SECONDS) * PER_SECOND);
  // Both shards have a batch in hand; what they handed over of it is in `crossedAt`.
  const claimed = SHARDS * BATCH - (crossedAt % (SHARDS * BATCH));
  return { crossedAt, claimed, stoppedAt };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

test('a pilot at three times the limit is stopped in time: 500 of them', () => {
  const next = numbers(20_260_301);
  const pilots = Array.from({ length: 500 }, () => pilot(0.015, 20_000, next));
  const stopped = pilots.flatMap((one) => (one === null ? [] : [one]));
  expect(stopped).toHaveLength(500);
  const over = median(
    stopped.map(({ crossedAt, claimed, stoppedAt }) => stoppedAt - (1.2 * crossedAt + claimed)),
  );
  expect(over).toBeLessThanOrEqual(0);
  expect(median(stopped.map(({ crossedAt }) => crossedAt))).toBeLessThan(1_200);
});

test('one that is at its limit is seldom stopped: 500 of them', () => {
  const next = numbers(7);
  const stopped = Array.from({ length: 500 }, () => pilot(UNSUBSCRIBE, 20_000, next)).filter(
    (one) => one !== null,
  );
  // 5 in a hundred at the most; three standard errors of 500 above it would be 39.
  expect(stopped.length).toBeLessThanOrEqual(25);
});
