import type { AudienceCounts } from '../../../domain/campaigns/audience';
import type { AudienceForecastNote } from '../../../domain/campaigns/waterfall';
import type { PageScenario } from '../../../store/campaign-page-store';
import type { AudienceView } from '../../../store/campaigns-read-store';
import { count, percent } from '../format';
import { html, type Html } from '../html';
import { emptyPart, part } from './part';

interface Step {
  readonly label: string;
  readonly n: number;
  readonly kind: 'whole' | 'less' | 'of';
  /** Where its bar begins, as a number of people. */
  readonly from: number;
}

/** From who matched to who is written to, each exclusion by its reason, then how the rest is dealt out. */
export function audience(counts: AudienceView | null, scenario: PageScenario): Html {
  if (counts === null) return emptyPart('audience');
  return part(
    'audience',
    'Audience',
    html`${steppedDown(counts)}
      <div class="columns">${dealt(counts, scenario)}${personas(counts)}${forecast(counts.forecast)}</div>`,
  );
}

function steps(c: AudienceView): Step[] {
  const [whole, ...others] = c.waterfall;
  const list: Step[] = [{ label: 'Matched the segment', n: whole?.people ?? 0, kind: 'whole', from: 0 }];
  for (const { step, people, left } of others)
    if (step !== 'audience' && people > 0) list.push({ label: step, n: people, kind: 'less', from: left });
  list.push({ label: 'In the audience', n: c.members, kind: 'whole', from: 0 });
  let from = 0;
  for (const [name, n] of [
    ['Pilot', c.parts.pilot],
    ['Test', c.parts.test],
    ['Roll-out', c.parts.rollout],
  ] as const) {
    if (n > 0) list.push({ label: name, n, kind: 'of', from });
    from += n;
  }
  return list;
}

function steppedDown(counts: AudienceView): Html {
  const whole = Math.max(1, counts.matched);
  const bar = (s: Step): Html =>
    html`<svg class="bar bar-small" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect class="fill-track" width="100" height="10" />
      <rect
        class="fill-${s.kind}"
        x="${((s.from / whole) * 100).toFixed(3)}"
        width="${Math.max(0.4, (s.n / whole) * 100).toFixed(3)}"
        height="10"
      />
    </svg>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Audience waterfall">
    <table class="waterfall">
      <caption>
        Frozen audience: matched = excluded + holdout + members
      </caption>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col" class="wide"><span class="hidden">Share of those who matched</span></th>
          <th scope="col" class="num">People</th>
          <th scope="col" class="num">Of matched</th>
        </tr>
      </thead>
      <tbody>
        ${steps(counts).map(
          (s) =>
            html`<tr class="step-${s.kind}">
              <th scope="row">${s.label}</th>
              <td class="wide">${bar(s)}</td>
              <td class="num">${s.kind === 'less' ? '−' : ''}${count(s.n)}</td>
              <td class="num muted">${percent(s.n / whole)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function dealt(counts: AudienceCounts, scenario: PageScenario): Html | null {
  const arms = Object.entries(counts.arms);
  if (arms.length === 0) return null;
  const total = arms.reduce((sum, [, n]) => sum + n, 0);
  return html`<table>
    <caption>
      Arms of pilot and test
    </caption>
    <thead>
      <tr>
        <th scope="col">Arm</th>
        <th scope="col" class="num">People</th>
        <th scope="col" class="num">Share</th>
      </tr>
    </thead>
    <tbody>
      ${arms.map(
        ([key, n]) =>
          html`<tr>
            <th scope="row">${armLabel(scenario, key)}</th>
            <td class="num">${count(n)}</td>
            <td class="num muted">${percent(n / Math.max(1, total))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

const personas = (counts: AudienceCounts): Html =>
  html`<table>
    <caption>
      Personas
    </caption>
    <thead>
      <tr>
        <th scope="col">Persona</th>
        <th scope="col" class="num">People</th>
        <th scope="col" class="num">Share</th>
      </tr>
    </thead>
    <tbody>
      ${Object.entries(counts.personas)
        .sort(([, a], [, b]) => b - a)
        .map(
          ([key, n]) =>
            html`<tr>
              <th scope="row">${key}</th>
              <td class="num">${count(n)}</td>
              <td class="num muted">${percent(n / Math.max(1, counts.members))}</td>
            </tr>`,
        )}
    </tbody>
  </table>`;

/** Caps do not change the audience: who would have had to wait, or would have been refused, when it was frozen. */
function forecast(note: AudienceForecastNote | null): Html | null {
  if (note === null) return null;
  const held = Object.entries(note.held).sort(([, a], [, b]) => b - a);
  return html`<table>
    <caption>
      Forecast at the freeze, for ${count(note.looked)} of them
    </caption>
    <thead>
      <tr>
        <th scope="col">The gate</th>
        <th scope="col" class="num">People</th>
        <th scope="col" class="num">Share</th>
      </tr>
    </thead>
    <tbody>
      ${[['would allow', note.allowed] as const, ...held].map(
        ([reason, n]) =>
          html`<tr>
            <th scope="row">${reason}</th>
            <td class="num">${count(n)}</td>
            <td class="num muted">${percent(n / Math.max(1, note.looked))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** The arm's name in words with its part in the test; the key where the scenario does not name it. */
export function armLabel(scenario: PageScenario, key: string): Html {
  const arm = scenario.arms.find((a) => a.key === key);
  return html`${arm?.label ?? key}${arm?.control && html` <span class="tag">control</span>`}${arm?.baseline && html` <span class="tag">baseline</span>`}`;
}
