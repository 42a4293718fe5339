import type { Action, Comparison, Evaluation } from '../../../domain/experiments/evaluation';
import type { PageScenario } from '../../../store/campaign-page-store';
import { count, duration, percent, points } from '../format';
import { html, type Html } from '../html';
import { armLabel } from './audience';
import { forestRow, scaleOf } from './forest-plot';
import { emptyPart, part } from './part';

const ACTION_WORDS: Readonly<Record<Action, string>> = {
  ship: 'Ship',
  'no-winner': 'No winner',
  'keep-running': 'Keep running',
  review: 'Somebody has to look',
  stop: 'Stop',
  invalid: 'Not valid',
};

/** What was decided and on what figures; nothing before the test was looked at. */
export function experiment(result: Evaluation | null, scenario: PageScenario): Html {
  if (result === null) return emptyPart('experiment');
  const { decision, health } = result;
  const verdict = html`<div
    class="verdict tone-${decision.action === 'ship' ? 'good' : decision.action === 'no-winner' ? 'calm' : 'bad'}"
  >
    <p class="verdict-word">
      ${ACTION_WORDS[decision.action]}${decision.arm !== null && html` ${armLabel(scenario, decision.arm)}`}
    </p>
    ${decision.reasons.map((reason) => html`<p>${reason}</p>`)}
  </div>`;
  const srm = html`<p class="muted small">
    Sample-ratio check:
    ${health.srmP === null ? 'too few people to check' : `p = ${health.srmP.toPrecision(2)}`}
    (${health.verdict}). Primary metric: <code>${result.metric}</code> within
    ${duration(scenario.primaryMetric.windowSeconds * 1_000)}, each person once.
  </p>`;
  return part(
    'experiment',
    'Test',
    html`${verdict}${arms(result, scenario)}${comparisons(result, scenario)}${srm}`,
  );
}

const arms = (result: Evaluation, scenario: PageScenario): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Arms">
    <table>
      <caption>
        Arms: everyone the gate allowed
      </caption>
      <thead>
        <tr>
          <th scope="col">Arm</th>
          <th scope="col" class="num">People</th>
          <th scope="col" class="num">Events</th>
          <th scope="col" class="num">Rate</th>
        </tr>
      </thead>
      <tbody>
        ${result.arms.map(
          (arm) =>
            html`<tr>
              <th scope="row">${armLabel(scenario, arm.arm)}</th>
              <td class="num">${count(arm.n)}</td>
              <td class="num">${arm.events === null ? '–' : count(arm.events)}</td>
              <td class="num">${percent(arm.rate, 2)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

function comparisons(result: Evaluation, scenario: PageScenario): Html | null {
  const all: readonly Comparison[] = [...result.comparisons, ...result.amongWinners];
  if (all.length === 0) return null;
  const x = scaleOf(all.map((c) => ({ label: c.arm, difference: c.difference, ci: c.ci })));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Comparisons">
    <table>
      <caption>
        Differences in percentage points with their ${percent(scenario.confidence, 0)} intervals; p adjusted
        for the number of comparisons (Holm)
      </caption>
      <thead>
        <tr>
          <th scope="col">Arm</th>
          <th scope="col">Against</th>
          <th scope="col" class="plot">Interval (dashed: no difference)</th>
          <th scope="col" class="num">Difference</th>
          <th scope="col" class="num">From … to</th>
          <th scope="col" class="num">p</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          (c) =>
            html`<tr>
              <th scope="row">${armLabel(scenario, c.arm)}</th>
              <td>${armLabel(scenario, c.against)}</td>
              <td class="plot">${forestRow({ label: c.arm, difference: c.difference, ci: c.ci }, x)}</td>
              <td class="num"><strong>${points(c.difference)}</strong></td>
              <td class="num">${points(c.ci[0])} … ${points(c.ci[1])}</td>
              <td class="num">${c.pAdjusted < 0.0001 ? '< 0.0001' : c.pAdjusted.toFixed(4)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
