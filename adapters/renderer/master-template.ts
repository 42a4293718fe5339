import type { Brand } from '../../domain/creatives/ports';
import type { Phrases } from '../../domain/creatives/phrases';
import { escapeHtml } from './pieces';

/** Grows with every change of what comes out: part of a creative's hash. */
export const TEMPLATE_VERSION = 'master-1';

export interface MasterInput {
  readonly locale: string;
  readonly brand: Brand;
  readonly phrases: Phrases;
  readonly logoUrl: string;
  readonly heroUrl: string;
  readonly heroAlt: string;
  /** Already escaped, Liquid in it. */
  readonly title: string;
  readonly preheader: string;
  readonly headline: string;
  readonly body: string;
  readonly keyMessage: string;
  readonly offerCode: string | null;
  readonly ctaLabel: string;
  /** Liquid placeholder of the tracked link. */
  readonly ctaHref: string;
  /** Left out for what nobody may unsubscribe from: service and official messages. */
  readonly unsubscribe: boolean;
}

/**
 * The one MJML template of every e-mail. The offer, the call to action and the legal words are live text; the hero is
 * mood. Fonts are those a mail client has: none is fetched from elsewhere.
 */
export function masterMjml(input: MasterInput): string {
  const { brand, phrases, unsubscribe } = input;
  const { primary, onPrimary, background, text, muted } = brand.colours;
  const sans = 'Helvetica, Arial, sans-serif';
  return `<mjml lang="${escapeHtml(input.locale)}">
<mj-head>
<mj-title>${input.title}</mj-title>
<mj-preview>${input.preheader}</mj-preview>
<mj-attributes>
<mj-all font-family="${sans}" />
<mj-text color="${text}" font-size="16px" line-height="25px" padding="0" />
</mj-attributes>
<mj-raw><meta name="color-scheme" content="light dark" /><meta name="supported-color-schemes" content="light dark" /></mj-raw>
<mj-style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .ground, .ground > div, body { background: #14181a !important; background-color: #14181a !important; }
  .card, .card > table { background: #1e2427 !important; background-color: #1e2427 !important; }
  .words div, .words div p { color: #eceae4 !important; }
  .quiet div, .quiet div a { color: #b4b8b5 !important; }
  .logo img { background: #f4efe6; border-radius: 6px; padding: 6px 10px !important; }
  .offer, .offer table, .offer td { background: #2a3236 !important; background-color: #2a3236 !important; }
}
</mj-style>
</mj-head>
<mj-body background-color="${background}" css-class="ground" width="600px">
<mj-section padding="28px 24px 18px"><mj-column><mj-image css-class="logo" src="${input.logoUrl}" alt="${escapeHtml(brand.name)}" width="180px" padding="0" align="left" /></mj-column></mj-section>
<mj-section padding="0" css-class="card" background-color="#ffffff"><mj-column padding="0"><mj-image src="${input.heroUrl}" alt="${escapeHtml(input.heroAlt)}" href="${input.ctaHref}" width="600px" padding="0" container-background-color="${primary}" /></mj-column></mj-section>
<mj-section padding="32px 32px 12px" css-class="card" background-color="#ffffff"><mj-column>
<mj-text css-class="words" font-size="28px" line-height="35px" font-weight="700" color="${primary}" padding="0 0 16px"><h1 style="margin:0;font-size:28px;line-height:35px;">${input.headline}</h1></mj-text>
<mj-text css-class="words" padding="0 0 16px"><p style="margin:0;">${input.body}</p></mj-text>
<mj-text css-class="words" padding="0 0 20px"><p style="margin:0;font-weight:700;">${input.keyMessage}</p></mj-text>
</mj-column></mj-section>
${input.offerCode === null ? '' : offer(input, input.offerCode)}
<mj-section padding="20px 32px 36px" css-class="card" background-color="#ffffff"><mj-column>
<mj-button href="${input.ctaHref}" background-color="${primary}" color="${onPrimary}" font-size="17px" font-weight="700" border-radius="6px" inner-padding="16px 30px" padding="0" align="left">${input.ctaLabel}</mj-button>
</mj-column></mj-section>
<mj-section padding="22px 32px 36px"><mj-column>
<mj-text css-class="quiet" color="${muted}" font-size="13px" line-height="20px" padding="0 0 10px">${escapeHtml(phrases.reason(brand.name))}${
    unsubscribe
      ? ` <a href="{{ unsubscribeUrl }}" style="color:${muted};text-decoration:underline;">${escapeHtml(phrases.unsubscribe)}</a>`
      : ''
  } &#183; <a href="${escapeHtml(brand.privacyUrl)}" style="color:${muted};text-decoration:underline;">${escapeHtml(phrases.privacy)}</a></mj-text>
<mj-text css-class="quiet" color="${muted}" font-size="12px" line-height="18px" padding="0 0 10px">${escapeHtml(brand.legalText)}</mj-text>
<mj-text css-class="quiet" color="${muted}" font-size="12px" line-height="18px">${escapeHtml(brand.address)}</mj-text>
</mj-column></mj-section>
<mj-raw>{% if pixelUrl %}<img src="{{ pixelUrl }}" alt="" width="1" height="1" style="display:block;border:0;" />{% endif %}</mj-raw>
</mj-body>
</mjml>`;
}

const offer = ({ brand, phrases }: MasterInput, code: string): string =>
  `<mj-section padding="0 32px" css-class="card" background-color="#ffffff"><mj-column css-class="offer" background-color="${brand.colours.background}" border-radius="6px" padding="16px 20px">
<mj-text css-class="quiet" font-size="13px" line-height="20px" color="${brand.colours.muted}">${escapeHtml(phrases.offerLabel)}</mj-text>
<mj-text css-class="words" font-size="22px" line-height="30px" font-weight="700" color="${brand.colours.primary}" letter-spacing="1px">${escapeHtml(code)}</mj-text>
<mj-text css-class="quiet" font-size="13px" line-height="20px" color="${brand.colours.muted}">${escapeHtml(phrases.offerHow)}</mj-text>
</mj-column></mj-section>`;
