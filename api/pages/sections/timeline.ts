import { NO_BOUND } from '../../../domain/experiments/bounds';
import { isOfShares, type Evaluation } from '../../../domain/experiments/evaluation';
import { AMOUNTS, SHARES } from '../../../domain/experiments/words';
import { html, type Html } from '../html';

/** One look at a test. */
export interface Look {
  readonly look: number;
  readonly result: Evaluation;
}

/** Size of one drawing. */
export const TIMELINE = { width: 640, height: 200 };
const { width: WIDTH, height: HEIGHT } = TIMELINE;
const LEFT = 96;
const RIGHT = 24;
const TOP = 26;
const BOTTOM = 40;

/** An arm against the reference, look by look: what its always-valid interval was. */
interface Line {
  readonly arm: string;
  readonly words: (difference: number) => string;
  readonly points: readonly {
    readonly look: number;
    readonly people: number;
    readonly difference: number;
    readonly ci: readonly [number, number];
  }[];
}

function linesOf(looks: readonly Look[]): Line[] {
  const last = looks.at(-1)?.result;
  if (last === undefined) return [];
  return last.comparisons.map(({ arm }) => ({
    arm,
    words: isOfShares(last) ? SHARES.difference : AMOUNTS.difference,
    points: looks.flatMap(({ look, result }) => {
      const own = result.comparisons.find((one) => one.arm === arm);
      if (own === undefined) return [];
      const people = result.arms.reduce((sum, { n }) => sum + n, 0);
      return [{ look, people, difference: own.difference, ci: own.alwaysValid.ci }];
    }),
  }));
}

/** A drawing for each arm: how its interval narrowed from look to look. Empty where the test was looked at once. */
export function timeline(looks: readonly Look[], label: (arm: string) => string): Html[] {
  if (looks.length < 2) return [];
  const lines = linesOf(looks);
  const ends = lines
    .flatMap(({ points }) => points.flatMap(({ ci, difference }) => [...ci, difference]))
    .filter((end) => Math.abs(end) < NO_BOUND);
  const low = Math.min(0, ...ends);
  const high = Math.max(0, ...ends);
  const air = (high - low || 0.01) * 0.06;
  const y = (value: number): number => {
    const place = (high + air - value) / (high - low + 2 * air);
    return TOP + Math.min(1, Math.max(0, place)) * (HEIGHT - TOP - BOTTOM);
  };
  return lines.map((line) => drawing(line, label(line.arm), { low, high, y }));
}

interface Scale {
  readonly low: number;
  readonly high: number;
  readonly y: (value: number) => number;
}

function drawing({ words, points }: Line, name: string, { low, high, y }: Scale): Html {
  const first = points[0]?.look ?? 0;
  const span = Math.max(1, (points.at(-1)?.look ?? 0) - first);
  const x = (look: number): number => LEFT + 24 + ((look - first) / span) * (WIDTH - LEFT - RIGHT - 48);
  const at = (value: number): string => value.toFixed(1);
  const edge = (side: 0 | 1): string[] => points.map(({ look, ci }) => `${at(x(look))},${at(y(ci[side]))}`);
  const told = points.map(({ look, ci }) => `look ${look}: ${words(ci[0])} to ${words(ci[1])}`).join('; ');
  const marks = [high, 0, low].filter((value, i, all) => all.indexOf(value) === i);
  return html`<svg
    class="timeline"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label="${`${name}: ${told}`}"
  >
    <text class="name" x="${LEFT}" y="11">${name}</text>
    <polygon class="band" points="${[...edge(1), ...edge(0).toReversed()].join(' ')}" />
    ${marks.map(
      (value) =>
        html`<line
            class="${value === 0 ? 'zero' : 'rule'}"
            x1="${LEFT}"
            x2="${WIDTH - RIGHT}"
            y1="${at(y(value))}"
            y2="${at(y(value))}"
          />
          <text class="tick" x="${LEFT - 8}" y="${at(y(value) + 4)}" text-anchor="end"
            >${words(value)}</text
          >`,
    )}
    <polyline
      class="middle"
      points="${points.map((p) => `${at(x(p.look))},${at(y(p.difference))}`).join(' ')}"
    />
    ${points.map(({ look, people, difference, ci }) => {
      const clear = ci[0] > 0 || ci[1] < 0;
      return html`<line
          class="${clear ? 'ci ci-clear' : 'ci'}"
          x1="${at(x(look))}"
          x2="${at(x(look))}"
          y1="${at(y(ci[1]))}"
          y2="${at(y(ci[0]))}"
        />
        <circle
          class="${clear ? 'dot-clear' : 'dot-open'}"
          cx="${at(x(look))}"
          cy="${at(y(difference))}"
          r="4.5"
        />
        <text class="tick" x="${at(x(look))}" y="${HEIGHT - 22}" text-anchor="middle">look ${look}</text>
        <text class="tick" x="${at(x(look))}" y="${HEIGHT - 8}" text-anchor="middle">
          ${people.toLocaleString('en-GB')} people
        </text>`;
    })}
  </svg>`;
}
