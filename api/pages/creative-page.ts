import { FIRST_STEP } from '../../domain/campaigns/steps';
import { CHANNEL_NAMES } from '../../domain/delivery/channel-names';
import type { PageCreativeContent, PageScenario } from '../../store/campaign-page-store';
import { html, type Html } from './html';
import { sampleTitle } from './sample-message';
import { armLabel } from './sections/audience';
import { findingList } from './sections/creatives';
import { messageWords } from './sections/message-words';

/** One message whole: as its channel shows it, its text part, its links and what QA found. */
export function creativePage(
  campaign: { readonly id: string; readonly name: string },
  creative: PageCreativeContent,
  scenario: PageScenario,
  said: { readonly subject: string; readonly text: string },
): Html {
  const isEmail = creative.channel === 'email';
  return html`<nav class="crumbs" aria-label="Breadcrumb">
      <a href="/campaigns">Campaigns</a> <span aria-hidden="true">/</span>
      <a href="/campaigns/${campaign.id}">${campaign.name}</a> <span aria-hidden="true">/</span>
    </nav>
    <div class="title">
      <h1>${sampleTitle(creative)}</h1>
      ${isEmail && html`<p class="muted">${creative.preheader}</p>`}
      <p class="muted">
        ${CHANNEL_NAMES[creative.channel]}${creative.step !== FIRST_STEP && html` · step ${creative.step}`} ·
        ${creative.persona} · ${armLabel(scenario, creative.arm)} · ${creative.locale} · revision
        ${creative.revision} · as somebody gets it of whom nothing is known
      </p>
    </div>
    <section class="card" aria-labelledby="message">
      <div class="card-head"><h2 id="message">Message</h2></div>
      <div class="frames">${isEmail ? frames(campaign.id, creative.id) : messageWords(creative, said)}</div>
    </section>
    <section class="card" aria-labelledby="findings">
      <div class="card-head"><h2 id="findings">QA findings</h2></div>
      ${creative.findings.length > 0 ? findingList(creative) : html`<p class="muted">None.</p>`}
    </section>
    <section class="card" aria-labelledby="links">
      <div class="card-head"><h2 id="links">Links</h2></div>
      ${
        creative.links.length > 0
          ? html`<ol class="rows">
              ${creative.links.map((l) => html`<li>${l.label || 'without words'} <code class="break">${l.url}</code></li>`)}
            </ol>`
          : html`<p class="muted">None.</p>`
      }
      ${
        isEmail &&
        html`<details id="text-part">
          <summary>Text part</summary>
          <pre>${said.text}</pre>
        </details>`
      }
    </section>`;
}

function frames(campaignId: string, creativeId: number): Html {
  const source = `/campaigns/${campaignId}/creatives/${creativeId}/message`;
  const frame = (name: string, device: string): Html =>
    html`<figure class="frame frame-${device}">
      <figcaption>${name}</figcaption>
      <iframe
        src="${source}"
        sandbox="allow-popups"
        referrerpolicy="no-referrer"
        title="The e-mail on a ${device}"
        loading="lazy"
      ></iframe>
    </figure>`;
  return html`${frame('Desktop', 'desktop')}${frame('Phone', 'phone')}`;
}
