import { compileCreative } from '../../adapters/renderer/personalise';
import type { CompiledMessage } from '../../domain/creatives/creative';
import type { EffectiveContent } from '../../domain/creatives/effective-content';
import { fixedUses, parseContent, variableUses } from '../../domain/creatives/language';
import type { Observations, Variant } from '../../domain/creatives/observations';
import type { Brand } from '../../domain/creatives/ports';
import type { PersonValues } from '../../domain/creatives/variables';
import { paragraphsOf, worstCostMicros } from '../../domain/creatives/worst-cost';
import { letterPages } from '../../domain/delivery/letter-size';
import { smsSegments } from '../../domain/delivery/sms-segments';
import type { UnitCost } from '../../domain/delivery/unit-cost';
import type { Channel, LetterKind, Nature } from '../../domain/shared/words';
import { observeEmail, type EmailRendering } from './observe-email';

/** People a message most often goes wrong for. None of them is anybody. */
const WORST: Readonly<Record<string, PersonValues>> = {
  'somebody nothing is known of': {},
  'a forty-character name': {
    firstName: 'Marie-Antoinette Élisabeth Philippine-Jo',
    lastName: 'de la Rochefoucauld-Liancourt de Montpen',
    city: 'Saint-Remy-en-Bouzemont-Saint-Genest-et',
  },
  'a sixty-character name': { firstName: 'Marie-Antoinette Élisabeth Philippine de la Rochefoucauld-Lian' },
  'an apostrophe': { firstName: 'N’Golo', lastName: "O'Connor" },
  'an emoji': { firstName: 'Zoé 🌿' },
  'markup in a name': { firstName: '<b>Léa</b>' },
  'a right-to-left name': { firstName: 'ليلى' },
};

export interface ObserveInput {
  readonly channel: Channel;
  readonly message: CompiledMessage;
  readonly content: EffectiveContent;
  readonly brand: Brand;
  readonly publicUrl: string;
  /** Names of the variables the scenario declares. */
  readonly variables: ReadonlySet<string>;
  readonly nature: Nature;
  readonly unsubscribeRequired: boolean;
  readonly heroIsFallback: boolean;
  readonly letterKind: LetterKind;
  readonly costs: readonly UnitCost[];
}

/** As long as real ones: the weight, and the length of an SMS, are of what travels. */
const sampleUrls = (publicUrl: string) => ({
  links: [`${publicUrl}/t/c/${'A'.repeat(28)}`],
  unsubscribeUrl: `${publicUrl}/u/${'A'.repeat(28)}`,
  pixelUrl: `${publicUrl}/t/o/${'A'.repeat(28)}`,
});

/** Renders a message for the worst people and reads what came out. */
export function observe(input: ObserveInput): Observations {
  const { channel, message, content, brand } = input;
  const urls = sampleUrls(input.publicUrl);
  const fill = compileCreative(message);
  const fillPreheader = compileCreative({ subject: message.preheader, html: '', text: '' });
  const filled = Object.entries(WORST).map(([person, values]) => ({
    person,
    ...fill(values, urls),
    preheader: fillPreheader(values, urls).subject,
  }));
  const email: EmailRendering | null = channel === 'email' ? observeEmail(filled, urls) : null;
  const variants = filled.map(({ person, subject, preheader, text }, index): Variant => ({
    person,
    subject,
    preheader,
    visibleText: email?.visibleTexts[index] ?? '',
    text,
  }));
  const texts = variants.map(({ text }) => text);
  return {
    channel,
    nature: input.nature,
    missing: channel === 'in-app' && content.inApp === undefined ? ['inApp'] : [],
    variants,
    variableUses: wordsOf(channel, content).flatMap((text) =>
      variableUses(parseContent(text, input.variables)),
    ),
    fixedUses: wordsOf(channel, content).flatMap((text) => fixedUses(parseContent(text))),
    targets: message.links.map((link) => link.url),
    images: email?.images ?? [],
    links: email?.links ?? [],
    lang: email?.lang ?? '',
    title: email?.title ?? '',
    contrasts: email?.contrasts ?? [],
    weightBytes: email?.weightBytes ?? 0,
    sender: brand.sender,
    unsubscribe: {
      required: input.unsubscribeRequired,
      inBody:
        channel === 'sms' ? texts.every((text) => /\bSTOP\b/i.test(text)) : (email?.unsubscribe ?? false),
    },
    heroIsFallback: input.heroIsFallback,
    sms: channel === 'sms' ? smsSeen(texts, message, urls.links[0] ?? '') : null,
    transparent: message.transparent ?? null,
    letter:
      channel === 'letter' || channel === 'e-letter'
        ? {
            pages: Math.max(...texts.map((text) => letterPages(paragraphsOf(text)))),
            hasSenderAddress: brand.postal !== undefined,
          }
        : null,
    unitMicros: worstCostMicros(channel, texts, input.letterKind, input.costs),
  };
}

/** Alphabet and oddities are the editor's own: a name may change them for one person, and nobody can mend that. */
function smsSeen(
  texts: readonly string[],
  message: CompiledMessage,
  link: string,
): NonNullable<Observations['sms']> {
  const [ofNobody = ''] = texts;
  const { encoding } = smsSegments(ofNobody);
  const alike = texts.map(smsSegments).filter((seen) => seen.encoding === encoding);
  return {
    encoding,
    segments: Math.max(...alike.map(({ segments }) => segments)),
    odd: [...new Set([...ofNobody])].filter((sign) => smsSegments(sign).encoding === 'ucs2'),
    linkLength: message.text.includes('links[0]') ? link.length : 0,
  };
}

/** What an editor wrote of what this channel says. */
function wordsOf(channel: Channel, content: EffectiveContent): readonly string[] {
  const { subject, preheader, headline, body, keyMessage } = content;
  switch (channel) {
    case 'email':
      return [subject, preheader, headline, body, keyMessage];
    case 'sms':
      return [content.sms?.text ?? headline];
    case 'push':
      return content.push ? [content.push.title, content.push.body] : [headline, body];
    case 'in-app':
      return content.inApp ? [content.inApp.title, content.inApp.body] : [headline, body];
    case 'letter':
    case 'e-letter':
      return content.letter ? [subject, content.letter.body] : [subject, body, keyMessage];
  }
}
