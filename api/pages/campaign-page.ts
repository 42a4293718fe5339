import { plannedLines } from '../../domain/experiments/plan-words';
import type { ReportBacklogItem } from '../../domain/improvement/report-data';
import type { PageApproval, PageCreative, PageIncident, PageScenario } from '../../store/campaign-page-store';
import type { CampaignView } from '../../store/campaigns-read-store';
import { standingWords } from './campaign-state';
import { moment } from './format';
import { html, type Html } from './html';
import { approvals, incidents } from './sections/approvals';
import { audience } from './sections/audience';
import { creatives } from './sections/creatives';
import { deliveries, type Reason } from './sections/deliveries';
import { experiment } from './sections/experiment';
import { learnt } from './sections/learnt';
import type { Look } from './sections/timeline';
import { stages } from './sections/stages';
import { standing } from './sections/standing';

/** Everything one campaign's page shows. */
export interface CampaignPageData {
  readonly campaign: CampaignView;
  readonly scenario: PageScenario;
  readonly reasons: readonly Reason[];
  readonly creatives: readonly PageCreative[];
  readonly approvals: readonly PageApproval[];
  readonly incidents: readonly PageIncident[];
  /** Every look at its test. */
  readonly looks: readonly Look[];
  readonly report: { readonly markdown: string } | null;
  readonly backlog: readonly ReportBacklogItem[];
  /** The run in the Temporal web UI. */
  readonly temporalUrl: string;
}

export function campaignPage(data: CampaignPageData): Html {
  const { campaign: c, scenario } = data;
  return html`<nav class="crumbs" aria-label="Breadcrumb">
      <a href="/campaigns">Campaigns</a> <span aria-hidden="true">/</span>
    </nav>
    <div class="title">
      <h1>${c.name}</h1>
      <p class="muted">
        ${c.owner} · ${c.market} · scenario <code>${c.scenario}</code> version ${c.version} · started
        ${moment(c.createdAt)} by ${c.createdBy}
      </p>
      <p class="links">
        <a href="${data.temporalUrl}">Run in Temporal</a>
        <a href="/v1/campaigns/${c.id}/report">Report as JSON</a>
        <span class="muted">id <code>${c.id}</code></span>
      </p>
    </div>
    ${campaignParts(data)}
    <section class="card" aria-labelledby="why">
      <div class="card-head"><h2 id="why">Why this campaign</h2></div>
      <dl class="facts">
        <div>
          <dt>Objective</dt>
          <dd>${c.objective}</dd>
        </div>
        <div>
          <dt>Hypothesis</dt>
          <dd>${c.hypothesis}</dd>
        </div>
        <div>
          <dt>Primary metric</dt>
          <dd>${scenario.primaryMetric.event}, to ${scenario.primaryMetric.direction}</dd>
        </div>
        <div>
          <dt>North star</dt>
          <dd>${scenario.northStar}</dd>
        </div>
        ${plannedLines(scenario).map(
          ({ what, words }) =>
            html`<div>
              <dt>${what}</dt>
              <dd>${words}</dd>
            </div>`,
        )}
      </dl>
    </section>`;
}

/** The parts that change while it runs; what the script fetches again. */
export function campaignParts(data: CampaignPageData): Html {
  const { campaign: c, scenario } = data;
  return html`${[
    standing(c),
    stages(c.stages, standingWords(c).tone),
    incidents(data.incidents),
    deliveries(c, data.reasons),
    experiment(data.looks, scenario),
    learnt(data.report, data.backlog),
    creatives(c.id, data.creatives, scenario),
    approvals(data.approvals, scenario.approvalsRequired),
    audience(c.audience, scenario),
  ]}`;
}
