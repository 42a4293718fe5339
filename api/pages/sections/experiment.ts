import {
  isOfShares,
  type Action,
  type Comparison,
  type Evaluation,
} from '../../../domain/experiments/evaluation';
import { funnelOf } from '../../../domain/experiments/funnel';
import type { PageScenario } from '../../../store/campaign-page-store';
import { AMOUNTS } from '../../../domain/experiments/words';
import { count, duration, percent, points } from '../format';
import { html, type Html } from '../html';
import { armLabel } from './audience';
import { besidePrimary } from './beside-primary';
import { forestRow, scaleOf } from './forest-plot';
import { emptyPart, part } from './part';
import { scrollTable, type Column } from './scroll-table';
import { timeline, type Look } from './timeline';
import { turning } from './turning';

const ACTION_WORDS: Readonly<Record<Action, string>> = {
  ship: 'Ship',
  'no-winner': 'No winner',
  'keep-running': 'Keep running',
  review: 'Somebody has to look',
  stop: 'Stop',
  invalid: 'Not valid',
};

/** What was decided and on what figures; nothing before the test was looked at. */
export function experiment(looks: readonly Look[], scenario: PageScenario): Html {
  const result = looks.at(-1)?.result;
  if (result === undefined) return emptyPart('experiment');
  const counted = html`Primary metric: <code>${result.metric}</code> within
    ${duration(scenario.primaryMetric.windowSeconds * 1_000)}, each person once.`;
  const terms = {
    label: (key: string) => armLabel(scenario, key),
    confidence: scenario.confidence,
    caption: 'Arms: everyone the gate allowed',
    counted,
  };
  return part(
    'experiment',
    'Test',
    html`${reading(result, terms)}${timelines(looks, terms.confidence)}${besidePrimary(result, terms)}${sensitivity(result, terms)}`,
  );
}

/** Nothing at early looks, and of tests that were read before it was told. */
const sensitivity = (
  { sensitivity: all = [] }: Evaluation,
  { label }: Pick<ReadingTerms, 'label'>,
): Html | null =>
  all.length === 0
    ? null
    : html`<h3>What would have turned it</h3>
        ${turning(all, label)}`;

/** How the intervals that hold at every look narrowed; nothing where there was one look. */
function timelines(looks: readonly Look[], confidence: number): Html | null {
  const arms = looks.at(-1)?.result.arms ?? [];
  const drawn = timeline(looks, (key) => arms.find(({ arm }) => arm === key)?.label ?? key);
  if (drawn.length === 0) return null;
  return html`<h3>Look by look</h3>
    <p class="muted small">
      The ${percent(confidence, 0)} intervals that hold however often one looks. A test may end early once one
      of them keeps clear of the dashed line.
    </p>
    ${drawn}`;
}

/** How one test is shown. */
export interface ReadingTerms {
  readonly label: (arm: string) => Html;
  /** Of the intervals: 0.95 at alpha 0.05. */
  readonly confidence: number;
  readonly caption: string;
  readonly counted: Html;
}

/** Decision, arms, comparisons with their forest plot, guardrails and health. */
export function reading(result: Evaluation, terms: ReadingTerms): Html {
  const { decision } = result;
  const tone = decision.action === 'ship' ? 'good' : CALM.has(decision.action) ? 'calm' : 'bad';
  return html`<div class="verdict tone-${tone}">
      <p class="verdict-word">
        ${ACTION_WORDS[decision.action]}${decision.arm !== null && html` ${terms.label(decision.arm)}`}
      </p>
      ${decision.reasons.map((reason) => html`<p>${reason}</p>`)}
    </div>
    ${arms(result, terms)}${comparisons(result, terms)}${guardrails(result, terms)}${health(result, terms)}`;
}

const CALM: ReadonlySet<Action> = new Set(['no-winner', 'keep-running']);

/** How this metric's figures are written: shares, or amounts. */
const figuresOf = (result: Evaluation) =>
  isOfShares(result)
    ? { level: (rate: number) => percent(rate, 2), difference: (d: number) => points(d), head: 'Rate' }
    : { level: AMOUNTS.level, difference: AMOUNTS.difference, head: 'Mean' };

const num = (head: string): Column => ({ head, kind: 'num' });

/** What was sent and who left is told where it was counted: a test that was run elsewhere has none of it. */
function arms(result: Evaluation, { label, caption }: ReadingTerms): Html {
  const { level, head } = figuresOf(result);
  const funnel = funnelOf(result);
  const sent = funnel.some(({ accepted }) => accepted !== null);
  const cell = (n: number | null): Html => html`<td class="num">${n === null ? '–' : count(n)}</td>`;
  return scrollTable(
    'Arms',
    caption,
    [
      { head: 'Arm' },
      num('People'),
      ...(sent ? [num('Accepted')] : []),
      num('Events'),
      num(head),
      ...(sent ? [num('Unsubscribed'), num('Complained')] : []),
    ],
    funnel.map(
      (arm) =>
        html`<tr>
          <th scope="row">${label(arm.arm)}</th>
          ${cell(arm.allowed)}${sent && cell(arm.accepted)}${cell(arm.events)}
          <td class="num">${level(arm.rate)}</td>
          ${sent && html`${cell(arm.unsubscribed)}${cell(arm.complained)}`}
        </tr>`,
    ),
  );
}

function comparisons(result: Evaluation, { label, confidence }: ReadingTerms): Html | null {
  const all: readonly Comparison[] = [...result.comparisons, ...result.amongWinners];
  if (all.length === 0) return null;
  const { difference: words } = figuresOf(result);
  const early = result.decision.by === 'always-valid';
  const shown = all.map((c) => ({ ...c, ci: early ? c.alwaysValid.ci : c.ci }));
  const rows = shown.map(({ arm, difference, ci }) => ({ label: arm, difference, ci, words }));
  const x = scaleOf(rows);
  return scrollTable(
    'Comparisons',
    `Differences with their ${percent(confidence, 0)} intervals${early ? ', which hold at every look' : ''}; p adjusted for the number of comparisons (Holm)`,
    [
      { head: 'Arm' },
      { head: 'Against' },
      { head: 'Interval (dashed: no difference)', kind: 'plot' },
      num('Difference'),
      num('From … to'),
      num('Relative'),
      num('p'),
    ],
    shown.map(
      (c, i) =>
        html`<tr>
          <th scope="row">${label(c.arm)}</th>
          <td>${label(c.against)}</td>
          <td class="plot">${rows[i] && forestRow(rows[i], x)}</td>
          <td class="num"><strong>${words(c.difference)}</strong></td>
          <td class="num">${words(c.ci[0])} … ${words(c.ci[1])}</td>
          <td class="num">${relative(c)}</td>
          <td class="num">${c.pAdjusted < 0.0001 ? '< 0.0001' : c.pAdjusted.toFixed(4)}</td>
        </tr>`,
    ),
  );
}

/** Nothing of tests that were read before it was told. */
const relative = ({ relative: told }: Partial<Comparison>): string =>
  told ? `${told.lift < 0 ? '−' : '+'}${percent(Math.abs(told.lift), 1)}` : '–';

function guardrails({ guardrails: all = [] }: Partial<Evaluation>, { label }: ReadingTerms): Html | null {
  if (all.length === 0) return null;
  return scrollTable(
    'Guardrails',
    'Guardrails, arm by arm: lost where the evidence holds at every look',
    [{ head: 'Arm' }, { head: 'Guardrail' }, num('Events'), num('Rate'), num('Limit'), { head: 'Verdict' }],
    all.map(
      (one) =>
        html`<tr>
          <th scope="row">${label(one.arm)}</th>
          <td>${one.metric}</td>
          <td class="num">${count(one.events)} of ${count(one.n)}</td>
          <td class="num">${percent(one.rate, 2)}</td>
          <td class="num">${percent(one.limit, 2)}</td>
          <td>${one.lost ? html`<strong>lost</strong>` : 'kept'}</td>
        </tr>`,
    ),
  );
}

function health({ health: { verdict, srmP, checks = [] } }: Evaluation, { counted }: ReadingTerms): Html {
  return html`<p class="muted small">
      Sample-ratio check: ${srmP === null ? 'too few people to check' : `p = ${srmP.toPrecision(2)}`}
      (${verdict}). ${counted}
    </p>
    ${checks
      .filter(({ name }) => name !== 'sample-ratio')
      .map((check) => html`<p class="muted small">${check.words}</p>`)}`;
}
