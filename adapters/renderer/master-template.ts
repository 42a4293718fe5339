import type { Brand } from '../../domain/creatives/ports';
import { DARK, SURFACE } from './mail-colours';

/** Grows with every change of what comes out: part of a creative's hash. */
export const TEMPLATE_VERSION = 'master-4';

/** Where words and addresses go, once the layout is compiled: MJML never reads what an editor typed. */
export const SLOTS = [
  'brandName',
  'logoUrl',
  'heroUrl',
  'heroAlt',
  'title',
  'preheader',
  'headline',
  'body',
  'keyMessage',
  'offerLabel',
  'offerCode',
  'offerHow',
  'ctaLabel',
  'ctaHref',
  'reason',
  'unsubscribeLabel',
  'unsubscribeHref',
  'privacyLabel',
  'privacyHref',
  'legalText',
  'address',
] as const;
export type Slot = (typeof SLOTS)[number];

const slot = (name: Slot): string => `\ue002${name}\ue003`;

export const fillSlots = (html: string, values: Readonly<Record<Slot, string>>): string =>
  html.replace(/\ue002(\w+)\ue003/g, (_, name: string) => {
    const known = SLOTS.find((s) => s === name);
    return known === undefined ? '' : values[known];
  });

/** What the layout depends on; everything else is a slot. */
export interface MasterShape {
  readonly locale: string;
  readonly colours: Brand['colours'];
  readonly logoWidthPx: number;
  readonly hasKeyMessage: boolean;
  readonly hasOffer: boolean;
  /** Left out for what nobody may refuse: official messages. */
  readonly hasUnsubscribe: boolean;
}

const SANS = "'Helvetica Neue', Helvetica, Arial, sans-serif";
const SERIF = "Georgia, 'Times New Roman', serif";

/**
 * The one MJML template of every e-mail. The offer, the call to action and the legal words are live text; the hero is
 * mood. Fonts are those a mail client has: none is fetched from elsewhere. The logo sits on the brand's own ground,
 * which is the same in light and dark.
 */
export function masterMjml(shape: MasterShape): string {
  const { primary, onPrimary, background, text, muted } = shape.colours;
  const footerLink = `style="color:${muted};text-decoration:underline;"`;
  return `<mjml lang="${shape.locale.replace(/[^\w-]/g, '')}">
<mj-head>
<mj-title>${slot('title')}</mj-title>
<mj-preview>${slot('preheader')}</mj-preview>
<mj-attributes>
<mj-all font-family="${SANS}" />
<mj-text color="${text}" font-size="16px" line-height="26px" padding="0" />
<mj-section padding="0" />
</mj-attributes>
<mj-raw><meta name="color-scheme" content="light dark" /><meta name="supported-color-schemes" content="light dark" /><meta name="format-detection" content="telephone=no,date=no,address=no,email=no" /></mj-raw>
<mj-style>
.hero img, .logo img { color: ${onPrimary}; font-family: ${SANS}; line-height: 24px; }${darkStyle(shape.colours)}
@media (max-width: 479px) {
  .headline h1 { font-size: 27px !important; line-height: 33px !important; }
  .cta table { width: 100% !important; }
  .cta a { display: block !important; padding-left: 12px !important; padding-right: 12px !important; }
}
</mj-style>
</mj-head>
<mj-body background-color="${background}" css-class="ground" width="600px">
<mj-section padding="0 0 24px"><mj-column><mj-spacer height="0px" /></mj-column></mj-section>
<mj-section css-class="band" background-color="${primary}" border-radius="10px 10px 0 0" padding="20px 32px"><mj-column><mj-image css-class="logo" src="${slot('logoUrl')}" alt="${slot('brandName')}" width="${shape.logoWidthPx}px" padding="0" align="center" /></mj-column></mj-section>
<mj-section css-class="card" background-color="${SURFACE}"><mj-column><mj-image css-class="hero" src="${slot('heroUrl')}" alt="${slot('heroAlt')}" href="${slot('ctaHref')}" width="600px" padding="0" fluid-on-mobile="true" container-background-color="${primary}" font-size="16px" /></mj-column></mj-section>
<mj-section css-class="card" background-color="${SURFACE}" padding="40px 40px 4px"><mj-column>
<mj-text css-class="headline" color="${primary}" font-family="${SERIF}" padding="0 0 18px"><h1 style="margin:0;font-family:${SERIF};font-size:32px;line-height:39px;font-weight:normal;">${slot('headline')}</h1></mj-text>
<mj-text css-class="words" padding="0 0 22px">${slot('body')}</mj-text>
${shape.hasKeyMessage ? `<mj-text css-class="message" font-weight="700" color="${primary}" padding="0 0 24px">${slot('keyMessage')}</mj-text>` : ''}
</mj-column></mj-section>
${shape.hasOffer ? offer(shape) : ''}
<mj-section css-class="card" background-color="${SURFACE}" border-radius="0 0 10px 10px" padding="8px 40px 44px"><mj-column>
<mj-button css-class="cta" href="${slot('ctaHref')}" background-color="${primary}" color="${onPrimary}" font-size="17px" line-height="22px" font-weight="700" border-radius="999px" inner-padding="15px 34px" padding="0" align="left">${slot('ctaLabel')}</mj-button>
</mj-column></mj-section>
<mj-section padding="28px 40px 40px"><mj-column>
<mj-text css-class="quiet" color="${muted}" font-size="13px" line-height="20px" padding="0 0 10px">${slot('reason')}</mj-text>
<mj-text css-class="quiet" color="${muted}" font-size="13px" line-height="20px" padding="0 0 14px">${
    shape.hasUnsubscribe
      ? `<a href="${slot('unsubscribeHref')}" ${footerLink}>${slot('unsubscribeLabel')}</a> &#160;·&#160; `
      : ''
  }<a href="${slot('privacyHref')}" ${footerLink}>${slot('privacyLabel')}</a></mj-text>
<mj-text css-class="quiet" color="${muted}" font-size="12px" line-height="18px" padding="0 0 10px">${slot('legalText')}</mj-text>
<mj-text css-class="quiet" color="${muted}" font-size="12px" line-height="18px">${slot('address')}</mj-text>
</mj-column></mj-section>
</mj-body>
</mjml>`;
}

const offer = ({ colours }: MasterShape): string =>
  `<mj-section css-class="card" background-color="${SURFACE}" padding="0 40px 24px"><mj-column css-class="offer" background-color="${colours.background}" border="1px dashed ${colours.muted}" border-radius="8px">
<mj-text css-class="quiet" font-size="13px" line-height="20px" color="${colours.muted}" padding="16px 22px 0">${slot('offerLabel')}</mj-text>
<mj-text css-class="code" font-size="22px" line-height="32px" font-weight="700" color="${colours.primary}" letter-spacing="2px" padding="0 22px">${slot('offerCode')}</mj-text>
<mj-text css-class="quiet" font-size="13px" line-height="20px" color="${colours.muted}" padding="0 22px 16px">${slot('offerHow')}</mj-text>
</mj-column></mj-section>`;

/** The button changes places with its words: a brand's dark ground would not be seen on a dark card. */
const darkStyle = ({ primary, onPrimary }: Brand['colours']): string => `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  body, .ground, .ground > div { background-color: ${DARK.ground} !important; }
  .card, .card > table { background: ${DARK.surface} !important; background-color: ${DARK.surface} !important; }
  .words div, .words a, .headline div, .message div, .code div { color: ${DARK.text} !important; }
  .quiet div, .quiet a { color: ${DARK.muted} !important; }
  .offer > table { background-color: ${DARK.raised} !important; border-color: ${DARK.muted} !important; }
  .cta td { background: ${onPrimary} !important; background-color: ${onPrimary} !important; }
  .cta a { background: ${onPrimary} !important; background-color: ${onPrimary} !important; color: ${primary} !important; }
}`;
