import { load } from 'cheerio';
import { compileCreative } from '../../adapters/renderer/personalise';
import type { CompiledMessage } from '../../domain/creatives/creative';
import type { EffectiveContent } from '../../domain/creatives/effective-content';
import { parseContent, variableUses } from '../../domain/creatives/language';
import type { Observations, Variant } from '../../domain/creatives/observations';
import type { Brand } from '../../domain/creatives/ports';
import { quotedPrintableBytes } from '../../domain/creatives/quoted-printable';
import type { PersonValues } from '../../domain/creatives/variables';
import { contrastsOf } from './contrasts';

/** People a message most often goes wrong for. None of them is anybody. */
const WORST: Readonly<Record<string, PersonValues>> = {
  'somebody nothing is known of': {},
  'a sixty-character name': { firstName: 'Marie-Antoinette Élisabeth Philippine de la Rochefoucauld-Lian' },
  'an apostrophe': { firstName: 'N’Golo', lastName: "O'Connor" },
  'an emoji': { firstName: 'Zoé 🌿' },
  'markup in a name': { firstName: '<b>Léa</b>' },
  'a right-to-left name': { firstName: 'ليلى' },
};

/** As long as real ones: the weight is of what travels. */
const SAMPLE_URLS = {
  links: ['https://example.test/t/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  unsubscribeUrl: 'https://example.test/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  pixelUrl: 'https://example.test/t/o/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
} as const;

export interface ObserveInput {
  readonly message: CompiledMessage;
  readonly content: EffectiveContent;
  readonly brand: Brand;
  readonly unsubscribeRequired: boolean;
  readonly heroIsFallback: boolean;
}

/** Renders a message for the worst people and reads what came out. */
export function observe({
  message,
  content,
  brand,
  unsubscribeRequired,
  heroIsFallback,
}: ObserveInput): Observations {
  const fill = compileCreative(message);
  const fillPreheader = compileCreative({ subject: message.preheader, html: '', text: '' });
  const rendered = Object.entries(WORST).map(([person, values]) => {
    const filled = fill(values, SAMPLE_URLS);
    const $ = load(filled.html);
    // Titles and alternative texts are read out, so what is left over there is left over too.
    const unseen = $('img[alt]')
      .toArray()
      .map((img) => $(img).attr('alt'))
      .concat($('title').text());
    $('style, script, title').remove();
    const variant: Variant = {
      person,
      subject: filled.subject,
      preheader: fillPreheader(values, SAMPLE_URLS).subject,
      visibleText: [$('body').text(), ...unseen].join(' ').replace(/\s+/g, ' ').trim(),
      text: filled.text,
    };
    return { variant, html: filled.html };
  });

  const html = rendered[0]?.html ?? '';
  const $ = load(html);
  const written = [content.subject, content.preheader, content.headline, content.body, content.keyMessage];
  return {
    variants: rendered.map((r) => r.variant),
    variableUses: written.flatMap((text) => variableUses(parseContent(text))),
    images: $('img')
      .toArray()
      .filter((img) => $(img).attr('src') !== SAMPLE_URLS.pixelUrl)
      .map((img) => ({
        src: $(img).attr('src') ?? '',
        alt: $(img).attr('alt') ?? null,
        linked: $(img).closest('a').length > 0,
      })),
    links: $('a')
      .toArray()
      .map((a) => ({ href: $(a).attr('href') ?? '', label: $(a).text().trim() })),
    targets: message.links.map((link) => link.url),
    lang: $('html').attr('lang') ?? '',
    title: $('title').text(),
    contrasts: contrastsOf(html),
    weightBytes: Math.max(...rendered.map((r) => quotedPrintableBytes(r.html))),
    sender: brand.sender,
    unsubscribe: {
      required: unsubscribeRequired,
      inBody: $(`a[href="${SAMPLE_URLS.unsubscribeUrl}"]`).text().trim() !== '',
    },
    heroIsFallback,
  };
}
