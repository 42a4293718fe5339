import type { DeliveryCounts } from '../../domain/campaigns/audience';
import type { CampaignSummary } from '../../store/campaigns-read-store';
import { standingWords } from './campaign-state';
import { count, moment } from './format';
import { html, type Html } from './html';
import { stackedBar } from './stacked-bar';

export type ListFilter = 'open' | 'ended' | 'all';

export interface ListPageData {
  readonly publicUrl: string;
  readonly filter: ListFilter;
  readonly totals: { readonly open: number; readonly ended: number };
  readonly campaigns: readonly CampaignSummary[];
  readonly counts: ReadonlyMap<string, DeliveryCounts>;
  /** Query of the page with older ones; null: these are the last. */
  readonly older: string | null;
}

export function listPage(data: ListPageData): Html {
  const { totals, filter } = data;
  return html`<div class="title"><h1>Campaigns</h1></div>
    <nav class="tabs" aria-label="Filter">
      ${tab('all', 'All', totals.open + totals.ended, filter)}${tab('open', 'Open', totals.open, filter)}${tab('ended', 'Ended', totals.ended, filter)}
    </nav>
    ${listParts(data)}
    ${data.older !== null && html`<p class="pager"><a href="/campaigns?${data.older}">Older campaigns</a></p>`}`;
}

const tab = (key: ListFilter, name: string, n: number, current: ListFilter): Html =>
  html`<a href="/campaigns?state=${key}" ${key === current ? html` aria-current="page"` : ''}
    >${name} <span class="badge">${count(n)}</span></a
  >`;

export function listParts({ campaigns, counts, totals, filter, publicUrl }: ListPageData): Html {
  if (campaigns.length === 0) return totals.open + totals.ended === 0 ? noneYet(publicUrl) : noneHere(filter);
  return html`<section class="card flush" data-part="list" aria-label="Campaigns">
    <table class="list">
      <caption class="hidden">
        Campaigns, the newest first
      </caption>
      <thead>
        <tr>
          <th scope="col">Campaign</th>
          <th scope="col">Stands at</th>
          <th scope="col" class="wide">Deliveries</th>
          <th scope="col">Started</th>
          <th scope="col">Owner</th>
        </tr>
      </thead>
      <tbody>
        ${campaigns.map((c) => row(c, counts.get(c.id)))}
      </tbody>
    </table>
  </section>`;
}

function row(c: CampaignSummary, counts: DeliveryCounts | undefined): Html {
  const { word, sentence, tone } = standingWords(c);
  return html`<tr>
    <th scope="row">
      <a class="row-link" id="c-${c.id}" href="/campaigns/${c.id}">${c.name}</a
      ><span class="muted regular">${c.scenario} · ${c.market}</span>
    </th>
    <td data-label="Stands at">
      <span class="chip tone-${tone}">${word}</span
      >${c.end === null && sentence !== 'Under way.' && html`<span class="muted small">${sentence}</span>`}
    </td>
    <td class="wide" data-label="Deliveries">
      ${counts ? html`${stackedBar(counts, 'small')}<span class="muted small">${count(counts.accepted)} accepted of ${count(counts.planned)}</span>` : html`<span class="muted">nothing planned yet</span>`}
    </td>
    <td data-label="Started">${moment(c.createdAt)}</td>
    <td data-label="Owner">${c.owner}</td>
  </tr>`;
}

const noneHere = (filter: ListFilter): Html =>
  html`<section class="card empty" data-part="list">
    <h2>No ${filter === 'open' ? 'open' : 'ended'} campaign</h2>
    <p><a href="/campaigns?state=all">See all campaigns</a></p>
  </section>`;

const noneYet = (publicUrl: string): Html =>
  html`<section class="card empty" data-part="list">
    <h2>No campaign yet</h2>
    <p>Start one from a validated scenario:</p>
    <pre><code>curl -X POST ${publicUrl}/v1/campaigns \\
  -H 'Authorization: Bearer bcl_…' -H 'Content-Type: application/json' \\
  -d '{"scenario": "my-scenario"}'</code></pre>
    <p>
      Or watch a whole loop on made-up people: <code>npm run demo</code>. Every call is described in the
      <a href="/docs">API pages</a>.
    </p>
  </section>`;
