import { newcombeInterval, rateOf, type Count } from './two-proportions';
import { confidence, intervalWords, percent, points } from './words';

export interface PilotTerms {
  readonly direction: 'increase' | 'decrease';
  /** Of the area's usual rate, how much worse is still borne: 0.2 is a fifth. */
  readonly worseBy: number;
  readonly alpha: number;
}

export interface PilotVerdict {
  readonly ok: boolean;
  readonly words: string;
}

/**
 * Judges a pilot by what messages before it came to in the same area. Lost where the whole interval of the difference
 * (Newcombe, at 1 − alpha) is worse than what is borne: a small pilot, or an area nothing was sent to, loses nothing.
 */
export function judgePilotByHistory(
  pilot: Count,
  history: Count,
  { direction, worseBy, alpha }: PilotTerms,
): PilotVerdict {
  if (pilot.n === 0 || history.n === 0)
    return { ok: true, words: 'There is nothing of this area to compare the pilot with.' };
  const [low, high] = newcombeInterval(pilot, history, alpha);
  const borne = worseBy * rateOf(history);
  const ok = direction === 'increase' ? high >= -borne : low <= borne;
  const rates =
    `${percent(rateOf(pilot))} (${pilot.events} of ${pilot.n}) where the area's messages before it came to ` +
    `${percent(rateOf(history))} (${history.events} of ${history.n})`;
  const apart = `${points(rateOf(pilot) - rateOf(history))}, ${intervalWords([low, high], alpha)}`;
  return {
    ok,
    words: ok
      ? `The pilot is not worse than its area's usual by more than ${percent(worseBy)} of it: ${rates}; ${apart}.`
      : `The pilot is worse than its area's usual, by more than ${percent(worseBy)} of it with ${confidence(alpha)} confidence: ${rates}; ${apart}.`,
  };
}
