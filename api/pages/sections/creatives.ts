import { FIRST_STEP } from '../../../domain/campaigns/steps';
import { assetPath } from '../../../domain/creatives/asset-path';
import { CHANNEL_NAMES } from '../../../domain/delivery/channel-names';
import type { PageCreative, PageScenario } from '../../../store/campaign-page-store';
import { plural } from '../format';
import { html, type Html } from '../html';
import { sampleTitle, sampleWords } from '../sample-message';
import { armLabel } from './audience';
import { emptyPart, part } from './part';

const STATUS = {
  rendered: { words: 'not checked yet', tone: 'busy' },
  passed: { words: 'passed QA', tone: 'good' },
  reject: { words: 'Reject', tone: 'bad' },
} as const satisfies Record<PageCreative['status'], { words: string; tone: string }>;

/** Every message in its latest revision: picture, subject, what QA found, and the way to the whole of it. */
export function creatives(campaignId: string, list: readonly PageCreative[], scenario: PageScenario): Html {
  if (list.length === 0) return emptyPart('creatives');
  const rejected = list.filter((c) => c.status === 'reject').length;
  return part(
    'creatives',
    'Creatives',
    html`<ul class="creatives">
      ${list.map((c) => card(campaignId, c, scenario))}
    </ul>`,
    html`<p class="muted">
      ${plural(list.length, 'message')}${rejected > 0 && html`, <strong class="text-bad">${rejected} rejected</strong>`}
    </p>`,
  );
}

function card(campaignId: string, c: PageCreative, scenario: PageScenario): Html {
  const { words, tone } = STATUS[c.status];
  const blocking = c.findings.filter((f) => f.severity === 'blocking').length;
  const warnings = c.findings.filter((f) => f.severity === 'warning').length;
  const found = [
    blocking > 0 && plural(blocking, 'blocking', 'blocking'),
    warnings > 0 && plural(warnings, 'warning'),
  ].filter(Boolean);
  return html`<li class="creative">
    ${
      c.hero === null
        ? html`<p class="creative-words">${sampleWords(c)}</p>`
        : html`<img src="${assetPath(c.hero, c.heroType)}" alt="" loading="lazy" width="600" height="300" />`
    }
    <div class="creative-body">
      <p class="creative-for">
        <span>${CHANNEL_NAMES[c.channel]}</span>
        <span aria-hidden="true">·</span>
        ${c.step !== FIRST_STEP && html`<span>step ${c.step}</span> <span aria-hidden="true">·</span> `}<span
          >${c.persona}</span
        >
        <span aria-hidden="true">·</span> <span>${armLabel(scenario, c.arm)}</span>
      </p>
      <h3>
        <a id="creative-${c.id}" href="/campaigns/${campaignId}/creatives/${c.id}">${sampleTitle(c)}</a>
      </h3>
      ${c.preheader !== '' && html`<p class="muted">${c.preheader}</p>`}
      <p>
        <span class="chip tone-${tone}">${words}</span
        >${c.revision > 1 && html` <span class="tag">revision ${c.revision}</span>`}${c.heroIsFallback && html` <span class="tag">fallback picture</span>`}
      </p>
      ${c.comment !== null && html`<p>${c.comment}</p>`}
      ${
        c.findings.length > 0 &&
        html`<details id="findings-${c.id}">
          <summary>${found.length > 0 ? found.join(', ') : plural(c.findings.length, 'note')}</summary>
          ${findingList(c)}
        </details>`
      }
    </div>
  </li>`;
}

export const findingList = (c: PageCreative): Html =>
  html`<ul class="findings">
    ${c.findings.map(
      (f) =>
        html`<li>
          <span class="tag tag-${f.severity}">${f.severity}</span> <code>${f.check}</code> ${f.message}
        </li>`,
    )}
  </ul>`;
