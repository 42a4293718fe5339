import { compile as textCompiler } from 'html-to-text';
import mjml2html from 'mjml';
import type { CompiledMessage } from '../../domain/creatives/creative';
import { ownAddress } from '../../domain/creatives/language';
import { phrasesFor } from '../../domain/creatives/phrases';
import { natureRule } from '../../domain/delivery/nature-rules';
import type { EmailPictures, MessageInput } from './compile-message';
import { fillSlots, masterMjml, type Slot } from './master-template';
import {
  blockHtml,
  escapeHtml,
  inlineHtml,
  linkedAddresses,
  literal,
  marked,
  newMarks,
  oneLine,
  placeholder,
  TRACKED_LINK,
  unmark,
  type Marks,
  type Vocabulary,
} from './pieces';

const PIXEL =
  '{% if pixelUrl %}<img src="{{ pixelUrl }}" alt="" width="1" height="1" style="display:block;border:0;" />{% endif %}';

const toText = textCompiler({
  wordwrap: 78,
  selectors: [
    { selector: 'td.hero', format: 'skip' },
    { selector: 'img', format: 'skip' },
    { selector: 'h1', options: { uppercase: false } },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
  ],
});

/** Layouts by their MJML: it depends on the brand, the language and two choices, so there are few. */
const layouts = new Map<string, Promise<string>>();

/** Throws where MJML finds a fault. Not minified: it saves a tenth and costs more than the compile. */
async function layout(mjml: string): Promise<string> {
  const { html } = await mjml2html(mjml, { validationLevel: 'strict', fonts: {}, keepComments: false });
  return html;
}

/**
 * Layout and content once per persona × arm; what is the person's own stays Liquid (`person.…`, `links[0]`,
 * `unsubscribeUrl`, `pixelUrl`). Whatever an editor typed arrives as text: escaped in HTML, inert in Liquid.
 */
export async function compileEmail(
  input: MessageInput,
  words: Vocabulary,
  pictures: EmailPictures,
): Promise<CompiledMessage> {
  const { content, brand } = input;
  const mjml = masterMjml({
    locale: input.locale,
    colours: brand.colours,
    logoWidthPx: pictures.logoWidthPx,
    hasKeyMessage: content.keyMessage !== '',
    hasOffer: content.offerCode !== null,
    hasUnsubscribe: input.unsubscribe,
  });
  const compiled = layouts.get(mjml) ?? layout(mjml);
  layouts.set(mjml, compiled);

  const marks = newMarks();
  const slots = slotsOf(input, words, pictures, marks);
  const html = await compiled;
  const text = toText(fillSlots(html, { ...slots, title: '', preheader: '' }))
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return {
    subject: unmark(oneLine(marked(content.subject, words, marks)), marks),
    preheader: unmark(oneLine(marked(content.preheader, words, marks)), marks),
    headline: unmark(oneLine(marked(content.headline, words, marks)), marks),
    html: unmark(fillSlots(html, slots), marks).replace('</body>', () => `${PIXEL}</body>`),
    text: unmark(text, marks),
    links:
      ownAddress(content.ctaUrl) === null ? [{ index: 0, url: content.ctaUrl, label: content.ctaLabel }] : [],
  };
}

/** An offer's terms under a message that has none would make it look like advertising. */
const legalWords = ({ brand, nature }: MessageInput): string =>
  brand.offerTerms !== undefined && natureRule(nature).commercial
    ? `${brand.offerTerms} ${brand.legalText}`
    : brand.legalText;

function slotsOf(
  input: MessageInput,
  words: Vocabulary,
  pictures: EmailPictures,
  marks: Marks,
): Readonly<Record<Slot, string>> {
  const { content, brand } = input;
  const phrases = phrasesFor(input.locale);
  const plain = (text: string): string => inlineHtml(literal(text, marks));
  const worded = (text: string): string => inlineHtml(marked(text, words, marks));
  return {
    brandName: plain(brand.name),
    logoUrl: escapeHtml(pictures.logoUrl),
    heroUrl: escapeHtml(pictures.heroUrl),
    heroAlt: plain(content.heroAlt),
    title: worded(content.headline),
    preheader: worded(content.preheader),
    headline: worded(content.headline),
    body: linkedAddresses(blockHtml(marked(content.body, words, marks), ''), marks, brand.colours.text),
    keyMessage: blockHtml(marked(content.keyMessage, words, marks), 'font-weight:700;'),
    offerLabel: plain(phrases.offerLabel),
    offerCode: plain(content.offerCode ?? ''),
    offerHow: plain(phrases.offerHow),
    ctaLabel: plain(content.ctaLabel),
    ctaHref:
      ownAddress(content.ctaUrl) === null
        ? placeholder(TRACKED_LINK, marks)
        : escapeHtml(marked(content.ctaUrl, words, marks)),
    reason: plain(phrases.reason(brand.name, input.nature)),
    unsubscribeLabel: plain(natureRule(input.nature).commercial ? phrases.unsubscribe : phrases.manage),
    unsubscribeHref: placeholder('{{ unsubscribeUrl }}', marks),
    privacyLabel: plain(phrases.privacy),
    privacyHref: escapeHtml(brand.privacyUrl),
    legalText: plain(legalWords(input)),
    address: plain(brand.address),
  };
}
