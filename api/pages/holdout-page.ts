import type { HoldoutPolicy } from '../../domain/delivery/holdout';
import { holdoutLift, LIFT_WORDS, type HoldoutLift } from '../../domain/experiments/holdout-lift';
import { AMOUNTS, SHARES, type Figures } from '../../domain/experiments/words';
import type { CountedHoldout, LiftMeasure } from '../../store/experiments/holdout-lift';
import { count, percent } from './format';
import { html, type Html } from './html';
import { forestRow, scaleOf } from './sections/forest-plot';
import { part } from './sections/part';
import { scrollTable } from './sections/scroll-table';

const ALPHA = 0.05;

const termsOf = ({ share, market, start, period }: HoldoutPolicy): string =>
  `${percent(share)} of ${market ?? 'everybody'}, since ${start}, ${period === 'none' ? 'always the same people' : `drawn anew each ${period}`}`;

/** The holdouts there are. */
export const holdoutsPage = (policies: Readonly<Record<string, HoldoutPolicy>>): Html =>
  html`<div class="title">
      <h1>The programme</h1>
      <p class="muted">
        What all campaigns together bring: who may be written to against who is held out of all of them.
      </p>
    </div>
    ${part(
      'holdouts',
      'Holdouts',
      Object.keys(policies).length === 0
        ? html`<p class="muted">
            Nobody is held out of everything. <code>PUT /v1/policies/holdout/{key}</code> holds a share of
            people out of all campaigns from a day on; what the programme brings against them is shown here,
            month by month. (A scenario’s own holdout is out of that scenario alone.)
          </p>`
        : html`<ul>
            ${Object.entries(policies).map(
              ([key, policy]) => html`<li><a href="/holdouts/${key}">${key}</a>: ${termsOf(policy)}</li>`,
            )}
          </ul>`,
    )}`;

/** One holdout, month by month. */
export function holdoutPage(key: string, counted: CountedHoldout, measure: LiftMeasure): Html {
  const { policy } = counted;
  const lifts = holdoutLift(counted.months, ALPHA);
  const latest = lifts.at(-1);
  // Amounts are counted in minor units.
  const scale = measure.kind === 'share' ? 1 : 0.01;
  const figures = measure.kind === 'share' ? SHARES : AMOUNTS;
  return html`<nav class="crumbs" aria-label="Breadcrumb">
      <a href="/holdouts">The programme</a> <span aria-hidden="true">/</span> Holdouts
    </nav>
    <div class="title">
      <h1>${key}</h1>
      <p class="muted">${termsOf(policy)}</p>
      <form class="asked" method="get">
        <label>Event <input name="event" value="${measure.event}" maxlength="60" required /></label>
        <label
          >Counted
          <select name="kind">
            <option value="share" ${measure.kind === 'share' && html`selected`}>who had it</option>
            <option value="amount" ${measure.kind === 'amount' && html`selected`}>what was spent</option>
          </select></label
        >
        <button type="submit">Show</button>
        <a href="/v1/holdouts/${key}/lift?event=${encodeURIComponent(measure.event)}&amp;kind=${measure.kind}"
          >As JSON</a
        >
      </form>
    </div>
    ${part(
      'lift',
      'Lift so far',
      latest === undefined
        ? html`<p class="muted">${nothingYet(counted)}</p>`
        : html`<div class="verdict tone-${TONES[latest.verdict]}">
              <p class="verdict-word">${LIFT_WORDS[latest.verdict]}</p>
              <p>
                ${counted.known ? soFar(latest, measure, figures, scale) : 'Nobody ever had an event of this type.'}
              </p>
            </div>
            ${table(lifts, figures, scale)}
            <p class="muted small">
              Everybody who was known when a draw began counts, whether or not they were written to. Intervals
              hold at every month together, however often one looks (95%); figures of a month go from the
              beginning to its end.
            </p>`,
    )}`;
}

const nothingYet = ({ policy, begun }: CountedHoldout): string =>
  begun
    ? 'No whole month is over yet: months are looked at once they are.'
    : `It has not begun: nobody is held out before ${policy.start}.`;

const TONES = {
  lift: 'good',
  loss: 'bad',
  'not-shown': 'calm',
  'too-few': 'calm',
  'not-valid': 'bad',
} as const;

function soFar(latest: HoldoutLift, measure: LiftMeasure, { difference }: Figures, scale: number): string {
  const whole = (amount: number): string => count(Math.round(amount * scale));
  const unit = measure.kind === 'share' ? `people with ${measure.event}` : measure.currency;
  const [low, high] = latest.incrementalCi;
  return (
    `Until the end of ${latest.month}: ${difference(latest.difference * scale)} a person, ` +
    `${whole(latest.incremental)} ${unit} in all (between ${whole(low)} and ${whole(high)}).`
  );
}

function table(lifts: readonly HoldoutLift[], { level, difference }: Figures, scale: number): Html {
  const rows = lifts.map((lift) => ({
    label: lift.month,
    difference: lift.difference * scale,
    ci: [lift.ciEveryMonth[0] * scale, lift.ciEveryMonth[1] * scale] as const,
    words: difference,
  }));
  const x = scaleOf(rows);
  return scrollTable(
    'Months',
    'The programme from its beginning to the end of each month',
    [
      { head: 'Month' },
      { head: 'Held out', kind: 'num' },
      { head: 'Their mean', kind: 'num' },
      { head: 'May be written to', kind: 'num' },
      { head: 'Their mean', kind: 'num' },
      { head: 'Interval (dashed: no difference)', kind: 'plot' },
      { head: 'Difference', kind: 'num' },
    ],
    lifts.map(
      (lift, i) =>
        html`<tr>
          <th scope="row">${lift.month}</th>
          <td class="num">${count(lift.held.n)}</td>
          <td class="num">${level(lift.held.mean * scale)}</td>
          <td class="num">${count(lift.others.n)}</td>
          <td class="num">${level(lift.others.mean * scale)}</td>
          <td class="plot">${rows[i] && forestRow(rows[i], x)}</td>
          <td class="num"><strong>${difference(lift.difference * scale)}</strong></td>
        </tr>`,
    ),
  );
}
