import fc from 'fast-check';
import { judgePilotByHistory } from '../../../domain/experiments/pilot-history';

const terms = { direction: 'increase', worseBy: 0.2, alpha: 0.05 } as const;
const usual = { n: 20_000, events: 1_000 };

test('a pilot is lost where even the best it may be is worse than what is borne', () => {
  expect(judgePilotByHistory({ n: 2_000, events: 60 }, usual, terms)).toEqual({
    ok: false,
    words:
      "The pilot is worse than its area's usual, by more than 20.00% of it with 95% confidence: 3.00% (60 of 2000) where the " +
      "area's messages before it came to 5.00% (1000 of 20000); −2.00 points, 95% interval −2.73 to −1.11.",
  });
  expect(judgePilotByHistory({ n: 2_000, events: 80 }, usual, terms).ok).toBe(true);
  expect(judgePilotByHistory({ n: 2_000, events: 80 }, usual, { ...terms, worseBy: 0 }).ok).toBe(false);
});

test('where less is better, more is worse', () => {
  const fewer = { ...terms, direction: 'decrease' } as const;
  expect(judgePilotByHistory({ n: 2_000, events: 60 }, usual, fewer).ok).toBe(true);
  expect(judgePilotByHistory({ n: 2_000, events: 160 }, usual, fewer).ok).toBe(false);
});

test('a pilot of nobody, an area nothing was sent to, and a pilot without any event are judged without a fault', () => {
  const nothing = { n: 0, events: 0 };
  expect(judgePilotByHistory(nothing, usual, terms).ok).toBe(true);
  expect(judgePilotByHistory({ n: 2_000, events: 60 }, nothing, terms).ok).toBe(true);
  expect(judgePilotByHistory({ n: 2_000, events: 0 }, usual, terms).ok).toBe(false);
  expect(judgePilotByHistory({ n: 20, events: 0 }, usual, terms).ok).toBe(true);
});

test('a pilot that is not below its area loses nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, share) => {
        const events = Math.floor(n * share);
        const verdict = judgePilotByHistory({ n, events }, { n: n * 3, events: events * 3 }, terms);
        expect(verdict.ok).toBe(true);
        expect(verdict.words).not.toMatch(/NaN|Infinity/);
      },
    ),
  );
});
