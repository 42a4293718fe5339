import type { ReportBacklogItem } from '../../../domain/improvement/report-data';
import { html, type Html } from '../html';
import { markdown } from '../markdown';
import { emptyPart, part } from './part';

/** What the loop hands on: next ideas by priority, and the whole report. */
export function learnt(
  report: { readonly markdown: string } | null,
  backlog: readonly ReportBacklogItem[],
): Html {
  if (report === null && backlog.length === 0) return emptyPart('learnt');
  return part(
    'learnt',
    'What was learnt',
    html`${backlogTable(backlog)}${
      report &&
      html`<details id="report">
        <summary>The report</summary>
        <div class="prose">${markdown(report.markdown, 3)}</div>
      </details>`
    }`,
  );
}

function backlogTable(items: readonly ReportBacklogItem[]): Html | null {
  if (items.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Backlog items">
    <table>
      <caption>
        Items for the improvement backlog (each factor 1 to 5; priority = revenue × feasibility ÷ difficulty)
      </caption>
      <thead>
        <tr>
          <th scope="col">Idea</th>
          <th scope="col" class="num">Revenue</th>
          <th scope="col" class="num">Difficulty</th>
          <th scope="col" class="num">Feasibility</th>
          <th scope="col" class="num">Priority</th>
        </tr>
      </thead>
      <tbody>
        ${items.map(
          (i) =>
            html`<tr>
              <th scope="row">${i.title}<br /><span class="muted regular">${i.why}</span></th>
              <td class="num">${i.revenuePotential}</td>
              <td class="num">${i.difficulty}</td>
              <td class="num">${i.statisticalFeasibility}</td>
              <td class="num"><strong>${i.priority.toFixed(1)}</strong></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
