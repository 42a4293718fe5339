import type { CampaignView, WaveRecord } from '../../../store/campaigns-read-store';
import { count, duration } from '../format';
import { html, type Html } from '../html';
import { barLegend, stackedBar } from '../stacked-bar';
import { emptyPart, part } from './part';

export interface Reason {
  readonly state: string;
  readonly reason: string;
  readonly n: number;
}

/** planned = accepted + failed + skipped + uncertain + open, in all and wave by wave, and why not accepted. */
export function deliveries(campaign: CampaignView, reasons: readonly Reason[]): Html {
  const total = campaign.deliveries;
  if (campaign.waves.length === 0) return emptyPart('deliveries');
  const sum = html`<p class="sum">
    <strong>${count(total.planned)}</strong> planned = ${count(total.accepted)} accepted +
    ${count(total.failed)} failed + ${count(total.skipped)} skipped + ${count(total.uncertain)} uncertain +
    ${count(total.open)} open
  </p>`;
  return part(
    'deliveries',
    'Deliveries',
    html`${stackedBar(total, 'big')}${barLegend(total)}${sum}${waveTable(campaign.waves)}${reasonTable(reasons)}`,
  );
}

const waveTable = (waves: readonly WaveRecord[]): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="Waves">
    <table>
      <caption>
        Waves, as the ledger has them
      </caption>
      <thead>
        <tr>
          <th scope="col">Wave</th>
          <th scope="col" class="wide">Progress</th>
          <th scope="col" class="num">Planned</th>
          <th scope="col" class="num">Accepted</th>
          <th scope="col" class="num">Not accepted</th>
          <th scope="col" class="num">Open</th>
          <th scope="col" class="num">Control</th>
          <th scope="col">Rate and time</th>
        </tr>
      </thead>
      <tbody>
        ${waves.map(
          (w) =>
            html`<tr>
              <th scope="row">${w.wave}${w.arm !== null && html` <span class="muted">(${w.arm})</span>`}</th>
              <td class="wide">${stackedBar(w, 'small')}</td>
              <td class="num">${count(w.planned)}</td>
              <td class="num">${count(w.accepted)}</td>
              <td class="num">${count(w.failed + w.skipped + w.uncertain)}</td>
              <td class="num">${count(w.open)}</td>
              <td class="num">${count(w.withheld)}</td>
              <td>${pace(w)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

function pace(wave: WaveRecord): string {
  if (wave.endedAt !== null) {
    const ms = wave.endedAt.getTime() - wave.startedAt.getTime();
    const perSecond = ms > 0 ? Math.round(((wave.planned - wave.open) / ms) * 1_000) : 0;
    return perSecond > 0 ? `${duration(ms)}, ${count(perSecond)}/s` : duration(ms);
  }
  if (wave.perSecond === null || wave.secondsLeft === null) return 'held or just begun';
  const perSecond = wave.perSecond < 10 ? wave.perSecond.toFixed(1) : count(Math.round(wave.perSecond));
  return `${perSecond}/s, ${duration(wave.secondsLeft * 1_000)} left`;
}

function reasonTable(reasons: readonly Reason[]): Html | null {
  if (reasons.length === 0) return null;
  return html`<details id="reasons">
    <summary>Why messages were not accepted</summary>
    <table class="narrow">
      <caption class="hidden">
        Reasons of skipped, failed and uncertain deliveries
      </caption>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Reason</th>
          <th scope="col" class="num">People</th>
        </tr>
      </thead>
      <tbody>
        ${reasons.map(
          (r) =>
            html`<tr>
              <td>${r.state}</td>
              <td>${r.reason}</td>
              <td class="num">${count(r.n)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
