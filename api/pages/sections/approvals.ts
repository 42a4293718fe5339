import type { PageApproval, PageIncident } from '../../../store/campaign-page-store';
import { moment } from '../format';
import { html, type Html } from '../html';
import { emptyPart, part } from './part';

const TONES = {
  waiting: 'wait',
  approved: 'good',
  rejected: 'bad',
  expired: 'bad',
  void: 'calm',
} as const satisfies Record<PageApproval['state'], string>;

/** Each request with every decision on it, those that changed nothing too. */
export function approvals(list: readonly PageApproval[], required: number): Html {
  if (list.length === 0) return emptyPart('approvals');
  const asked = required === 1 ? 'one person' : `${required} people`;
  return part(
    'approvals',
    'Approvals',
    html`<ul class="rows">
      ${list.map(approval)}
    </ul>`,
    html`<p class="muted">needs ${asked} other than the author</p>`,
  );
}

const approval = (a: PageApproval): Html =>
  html`<li>
    <p>
      <span class="chip tone-${TONES[a.state]}">${a.state}</span> asked
      ${moment(a.requestedAt)}${a.inSlack ? ' in Slack' : ' (not posted in Slack)'}, deadline
      ${moment(a.deadlineAt)}
    </p>
    ${
      a.decisions.length > 0 &&
      html`<ul class="decisions">
        ${a.decisions.map(
          (d) =>
            html`<li>
              <strong>${d.by}</strong> ${d.decision === 'approve' ? 'approved' : 'rejected'} by
              ${d.via === 'slack' ? 'Slack' : 'REST'}
              ${moment(d.at)}${d.outcome !== 'counted' && html` <span class="tag">changed nothing: ${d.outcome}</span>`}${d.reason && html`<br /><q>${d.reason}</q>`}
            </li>`,
        )}
      </ul>`
    }
  </li>`;

export function incidents(list: readonly PageIncident[]): Html {
  if (list.length === 0) return emptyPart('incidents');
  return part(
    'incidents',
    'Incidents',
    html`<ul class="rows">
      ${list.map(
        (i) =>
          html`<li>
            <p><span class="chip tone-bad">${i.kind}</span> ${moment(i.at)}</p>
            <p>${i.message}</p>
          </li>`,
      )}
    </ul>`,
  );
}
