import { paragraphsOf } from '../../../domain/creatives/worst-cost';
import type { Channel } from '../../../domain/shared/words';
import type { PageCreativeContent } from '../../../store/campaign-page-store';
import { html, type Html } from '../html';

interface Words {
  readonly subject: string;
  readonly text: string;
}

/** A message without HTML, set as its channel sets it. */
export function messageWords(creative: PageCreativeContent, said: Words): Html {
  switch (creative.channel) {
    case 'sms':
      return shown('sms', html`<p class="bubble">${said.text}</p>`);
    case 'push':
      return shown(
        'push',
        html`<div class="notice">
          <p class="notice-title">${said.subject}</p>
          <p>${said.text}</p>
        </div>`,
      );
    case 'in-app':
      return html`${banner('For who agreed to being profiled', said, creative.ctaLabel)}${
        creative.transparent !== null &&
        banner(
          'For everybody else',
          { subject: creative.transparent.title, text: creative.transparent.body },
          creative.ctaLabel,
        )
      }`;
    case 'letter':
    case 'e-letter':
      return shown(
        'letter',
        html`<div class="sheet">
          <p class="sheet-subject">${said.subject}</p>
          ${paragraphsOf(said.text).map((p) => html`<p>${p}</p>`)}
        </div>`,
      );
    case 'email':
      return html``;
  }
}

const NAMES = { sms: 'On a phone', push: 'On a locked phone', letter: 'On paper' } as const satisfies Partial<
  Record<Channel, string>
>;

const shown = (channel: keyof typeof NAMES, body: Html): Html =>
  html`<figure class="said said-${channel}">
    <figcaption>${NAMES[channel]}</figcaption>
    ${body}
  </figure>`;

const banner = (caption: string, { subject, text }: Words, ctaLabel: string): Html =>
  html`<figure class="said said-in-app">
    <figcaption>${caption}</figcaption>
    <div class="notice">
      <p class="notice-title">${subject}</p>
      <p>${text}</p>
      <p><span class="notice-cta">${ctaLabel}</span></p>
    </div>
  </figure>`;
