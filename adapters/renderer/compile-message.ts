import { compile as textCompiler } from 'html-to-text';
import mjml2html from 'mjml';
import type { CompiledMessage } from '../../domain/creatives/creative';
import type { EffectiveContent } from '../../domain/creatives/effective-content';
import { phrasesFor } from '../../domain/creatives/phrases';
import type { Brand } from '../../domain/creatives/ports';
import { masterMjml } from './master-template';
import { escapeHtml, toHtmlLiquid, toPlainLiquid, type FixedValues } from './pieces';

export interface MessageInput {
  readonly content: EffectiveContent;
  readonly brand: Brand;
  readonly locale: string;
  readonly logoUrl: string;
  readonly heroUrl: string;
  readonly unsubscribe: boolean;
}

const CTA = { index: 0, href: '{{ links[0] }}' } as const;

const toText = textCompiler({
  wordwrap: 78,
  selectors: [
    { selector: 'img', format: 'skip' },
    { selector: 'h1', options: { uppercase: false } },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
  ],
});

/** MJML and content once per persona × arm; what is the person's own stays Liquid. Throws where MJML finds a fault. Not minified: it saves a tenth and costs more than the compile. */
export async function compileMessage(input: MessageInput): Promise<CompiledMessage> {
  const { content, brand, locale } = input;
  const fixed: FixedValues = {
    'offer.code': content.offerCode ?? '',
    'persona.keyMessage': content.keyMessage,
    'brand.name': brand.name,
  };
  const source = masterMjml({
    locale,
    brand,
    phrases: phrasesFor(locale),
    logoUrl: input.logoUrl,
    heroUrl: input.heroUrl,
    heroAlt: content.heroAlt,
    title: toHtmlLiquid(content.headline, fixed),
    preheader: toHtmlLiquid(content.preheader, fixed),
    headline: toHtmlLiquid(content.headline, fixed),
    body: toHtmlLiquid(content.body, fixed),
    keyMessage: toHtmlLiquid(content.keyMessage, fixed),
    offerCode: content.offerCode,
    ctaLabel: escapeHtml(content.ctaLabel),
    ctaHref: CTA.href,
    unsubscribe: input.unsubscribe,
  });
  const { html } = await mjml2html(source, {
    validationLevel: 'strict',
    fonts: {},
    keepComments: false,
  });
  return {
    subject: toPlainLiquid(content.subject, fixed),
    preheader: toPlainLiquid(content.preheader, fixed),
    html,
    text: plainText(html),
    links: [{ index: CTA.index, url: content.ctaUrl, label: content.ctaLabel }],
  };
}

/** Liquid comes through as it is; the pixel has no place in text, and the preview line would be said twice. */
const plainText = (html: string): string =>
  toText(
    html
      .replace(/\{% if pixelUrl %\}.*?\{% endif %\}/s, '')
      .replace(/<div style="display:none[^>]*>.*?<\/div>/s, '')
      .replace(/<a [^>]*>\s*<img[^>]*>\s*<\/a>/g, ''),
  );
