import { load } from 'cheerio';
import type { Observations } from '../../domain/creatives/observations';
import { quotedPrintable } from '../../adapters/smtp/quoted-printable';
import { contrastsOf } from './contrasts';

export interface EmailRendering extends Pick<
  Observations,
  'images' | 'links' | 'lang' | 'title' | 'contrasts' | 'weightBytes'
> {
  /** Words, alternative texts and title of each rendering, in its order. */
  readonly visibleTexts: readonly string[];
  /** A link to unsubscribe is seen. */
  readonly unsubscribe: boolean;
}

/** What the HTML of a message holds. The first rendering is looked at closely; words and weight are of all. */
export function observeEmail(
  filled: readonly { readonly html: string }[],
  urls: { readonly unsubscribeUrl: string; readonly pixelUrl: string },
): EmailRendering {
  const html = filled[0]?.html ?? '';
  const $ = load(html);
  return {
    visibleTexts: filled.map((one) => visibleText(one.html)),
    images: $('img')
      .toArray()
      .filter((img) => $(img).attr('src') !== urls.pixelUrl)
      .map((img) => ({
        src: $(img).attr('src') ?? '',
        alt: $(img).attr('alt') ?? null,
        linked: $(img).closest('a').length > 0,
      })),
    links: $('a')
      .toArray()
      .map((a) => ({ href: $(a).attr('href') ?? '', label: $(a).text().trim() })),
    lang: $('html').attr('lang') ?? '',
    title: $('title').text(),
    contrasts: contrastsOf(html),
    weightBytes: Math.max(...filled.map((one) => quotedPrintable(one.html).length)),
    unsubscribe: $(`a[href="${urls.unsubscribeUrl}"]`).text().trim() !== '',
  };
}

/** Titles and alternative texts are read out, so what is left over there is left over too. */
function visibleText(html: string): string {
  const $ = load(html);
  const unseen = $('img[alt]')
    .toArray()
    .map((img) => $(img).attr('alt'))
    .concat($('title').text());
  $('style, script, title').remove();
  return [$('body').text(), ...unseen].join(' ').replace(/\s+/g, ' ').trim();
}
