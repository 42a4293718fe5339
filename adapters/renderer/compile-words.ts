import type { CompiledMessage } from '../../domain/creatives/creative';
import { gsmSpelling } from '../../domain/creatives/gsm-spelling';
import { phrasesFor } from '../../domain/creatives/phrases';
import type { MessageInput } from './compile-message';
import { marked, newMarks, oneLine, unmark, type Vocabulary } from './pieces';

/** A text with its Liquid in it; stars of strong words are for HTML. */
function written(source: string, words: Vocabulary): string {
  const marks = newMarks();
  const text = marked(source.replace(/\r\n?/g, '\n'), words, marks);
  return unmark(text.replace(/\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*/g, '$1').trim(), marks);
}

const line = (source: string, words: Vocabulary): string => oneLine(written(source, words));

const linked = ({ content }: MessageInput): CompiledMessage['links'] => [
  { index: 0, url: content.ctaUrl, label: content.ctaLabel },
];

/** Its own words as they are written, with `{{ link }}` where the editor wants it; else the headline and the link. */
export function compileSms(input: MessageInput, words: Vocabulary): CompiledMessage {
  const { content, brand, unsubscribe } = input;
  const spelt: Vocabulary = { ...words, tidy: gsmSpelling };
  const own = written(content.sms?.text ?? `${content.headline} {{ link }}`, spelt);
  const stop = unsubscribe && brand.smsStop !== undefined ? gsmSpelling(brand.smsStop) : null;
  return {
    subject: '',
    preheader: '',
    headline: line(content.headline, words),
    html: '',
    text: stop === null || own.includes(stop) ? own : `${own}\n${stop}`,
    links: linked(input),
  };
}

/** Left out, its words are the headline and the first paragraph. */
export function compilePush(input: MessageInput, words: Vocabulary): CompiledMessage {
  const { content } = input;
  const [first = ''] = content.body.trim().split(/\r?\n\s*\r?\n/);
  return {
    subject: line(content.push?.title ?? content.headline, words),
    preheader: '',
    headline: line(content.headline, words),
    html: '',
    text: line(content.push?.body ?? first, words),
    links: linked(input),
  };
}

/** The transparent words have no variables, so they are what they are; without them QA rejects the message. */
export function compileInApp(input: MessageInput, words: Vocabulary): CompiledMessage {
  const { content } = input;
  return {
    subject: line(content.inApp?.title ?? content.headline, words),
    preheader: '',
    headline: line(content.headline, words),
    html: '',
    text: written(content.inApp?.body ?? content.body, words),
    links: linked(input),
    ...(content.inApp === undefined ? {} : { transparent: { ...content.inApp.transparent } }),
  };
}

/** Nothing on it is tracked: an address that names one person's letter has no place on paper. */
export function compileLetter(input: MessageInput, words: Vocabulary): CompiledMessage {
  const { content, locale } = input;
  const plain: Vocabulary = { ...words, link: content.ctaUrl };
  const offer = content.offerCode === null ? [] : [`${phrasesFor(locale).offerLabel} : {{ offer.code }}`];
  const own =
    content.letter?.body ??
    [content.body, content.keyMessage, ...offer].filter((words) => words !== '').join('\n\n');
  return {
    subject: line(content.subject, plain),
    preheader: '',
    headline: line(content.headline, plain),
    html: '',
    text: written(own, plain).replace(/\n\s*\n/g, '\n\n'),
    links: [],
  };
}
