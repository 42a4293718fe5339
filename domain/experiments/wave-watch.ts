import { anyLook } from './guardrail';
import { judgeWave, type Limit, type WaveOutcome, type WaveVerdict } from './wave-verdict';

/** What people answered to the messages of one wave. */
export interface WaveAnswers {
  readonly step: string;
  readonly wave: string;
  readonly unsubscribed: number;
  readonly complained: number;
}

/** A wave is looked at from its first message on, as often as one likes: what is found holds at every look. */
const BOUND = anyLook(1);

/** Judges a wave that is being sent. */
export const judgeSending = (outcome: WaveOutcome, limits: readonly Limit[]): WaveVerdict =>
  judgeWave(outcome, limits, BOUND);

/**
 * Whether its messages have to be counted to judge a wave, of which `atLeast` were accepted when they last were: the more
 * messages the same answers come from, the less they say, so what is within every limit of fewer is within it of more.
 */
export function mustCount(
  { unsubscribed, complained }: WaveAnswers,
  atLeast: number,
  limits: readonly Limit[],
): boolean {
  const accepted = Math.max(atLeast, unsubscribed, complained);
  return !judgeSending({ accepted, failed: 0, uncertain: 0, unsubscribed, complained }, limits).ok;
}
