import { isOfShares, type Evaluation } from '../domain/experiments/evaluation';
import { AMOUNTS, SHARES } from '../domain/experiments/words';
import { figure } from './figure';
import { html } from './pages/html';
import { forestRow, scaleOf } from './pages/sections/forest-plot';
import { timeline, TIMELINE, type Look } from './pages/sections/timeline';

const ROW = { width: 760, height: 34 };

const labelOf = ({ arms }: Evaluation, key: string): string =>
  arms.find(({ arm }) => arm === key)?.label ?? key;

/** The forest plot of a test as an SVG file: each comparison with the interval that decided at that look. */
export function forestFigure(result: Evaluation): string {
  const early = result.decision.by === 'always-valid';
  const words = isOfShares(result) ? SHARES.difference : AMOUNTS.difference;
  const rows = [...result.comparisons, ...result.amongWinners].map((comparison) => ({
    label: `${labelOf(result, comparison.arm)} − ${labelOf(result, comparison.against)}`,
    difference: comparison.difference,
    ci: early ? comparison.alwaysValid.ci : comparison.ci,
    words,
  }));
  const x = scaleOf(rows);
  return figure(
    `${result.metric}: differences with their intervals`,
    rows.map((row) => ({
      ...ROW,
      svg: html`<text class="name" x="12" y="21">${row.label}</text>
        <svg x="300" y="6" width="320" height="22">${forestRow(row, x)}</svg>
        <text x="${ROW.width - 12}" y="21" text-anchor="end">${words(row.difference)}</text>`,
    })),
  );
}

/** How the intervals that hold at every look narrowed, as an SVG file; a file that says so where there was one look. */
export function timelineFigure(looks: readonly Look[]): string {
  const last = looks.at(-1)?.result;
  const drawn = timeline(looks, (arm) => (last === undefined ? arm : labelOf(last, arm)));
  if (drawn.length > 0)
    return figure(
      'The intervals that hold at every look, look by look',
      drawn.map((svg) => ({ svg, ...TIMELINE })),
    );
  return figure('One look', [{ ...ROW, svg: html`<text x="12" y="21">The test was looked at once.</text>` }]);
}
