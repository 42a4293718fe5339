import { NO_BOUND } from '../../../domain/experiments/bounds';
import { html, type Html } from '../html';

export interface Interval {
  readonly label: string;
  /** A share, or an amount. */
  readonly difference: number;
  readonly ci: readonly [number, number];
  /** How a difference is written. */
  readonly words: (difference: number) => string;
}

const WIDTH = 320;
const HEIGHT = 22;

/** One scale for all rows, zero always on it, a little air at both ends. */
export function scaleOf(intervals: readonly Interval[]): (share: number) => number {
  const ends = intervals
    .flatMap((i) => [i.ci[0], i.ci[1], i.difference])
    .filter((end) => Math.abs(end) < NO_BOUND);
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  const air = (high - low || 0.01) * 0.08;
  return (share) => Math.min(WIDTH, Math.max(0, ((share - low + air) / (high - low + 2 * air)) * WIDTH));
}

/** A row of a forest plot: the interval as a line, the estimate as a dot, zero as a dashed line. */
export function forestRow(interval: Interval, x: (share: number) => number): Html {
  const [low, high] = interval.ci;
  const clear = low > 0 || high < 0;
  const at = (share: number): string => x(share).toFixed(1);
  const words = `${interval.label}: ${interval.words(interval.difference)}, interval ${interval.words(low)} to ${interval.words(high)}`;
  return html`<svg class="forest" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${words}">
    <line class="zero" x1="${at(0)}" x2="${at(0)}" y1="0" y2="${HEIGHT}" />
    <line class="${clear ? 'ci ci-clear' : 'ci'}" x1="${at(low)}" x2="${at(high)}" y1="11" y2="11" />
    <line class="${clear ? 'ci ci-clear' : 'ci'}" x1="${at(low)}" x2="${at(low)}" y1="6" y2="16" />
    <line class="${clear ? 'ci ci-clear' : 'ci'}" x1="${at(high)}" x2="${at(high)}" y1="6" y2="16" />
    <circle class="${clear ? 'dot-clear' : 'dot-open'}" cx="${at(interval.difference)}" cy="11" r="4.5" />
  </svg>`;
}
