import { CONTACT_PURPOSES } from '../../domain/consent/consent';
import {
  FREQUENCIES,
  FREQUENCY_NAMES,
  PAUSES,
  pauseEnd,
  type Preferences,
} from '../../domain/consent/preferences';
import { CHANNELS, type Channel, type Purpose } from '../../domain/shared/words';
import type { PageChange, PageContent } from '../../store/preference-page-store';
import { ASKED, CHANNEL_WORDS, TRACKING_ASKED } from './consent-words';
import { langOf } from './recipient-page';

/** A box on the page. `wording` is what stands beside it, word for word: it is what a tick agrees to. */
export interface ConsentBox {
  /** `promotion.email`: the value of the box. */
  readonly value: string;
  readonly purpose: Purpose;
  readonly channel: Channel;
  readonly wording: string;
}

const HOURS = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];

/** Hours messages can be asked for; one that somebody of ours set stays a choice. */
export const hoursOf = ({ sendHour }: Pick<Preferences, 'sendHour'>): number[] =>
  sendHour === null || HOURS.includes(sendHour) ? HOURS : [...HOURS, sendHour].sort((a, b) => a - b);

/** Channels that can be preferred, likewise. */
export const preferable = ({
  channels,
  preferences,
}: Pick<PageContent, 'channels' | 'preferences'>): Channel[] =>
  CHANNELS.filter((channel) => channels.includes(channel) || channel === preferences.preferredChannel);

/** What leaves a frequency or a pause that is no choice of the page as it is. */
export const KEEP = 'keep';

/** The boxes of somebody's page, in its order: purposes by channel, then opens of e-mails. */
export function consentBoxes(
  content: Pick<PageContent, 'channels' | 'locale'>,
  brandName: string,
): ConsentBox[] {
  const lang = langOf(content.locale);
  const tracking = TRACKING_ASKED[lang](brandName);
  return [
    ...CONTACT_PURPOSES.flatMap((purpose) => {
      const { title, hint } = ASKED[lang][purpose](brandName);
      return content.channels.map((channel) => ({
        value: `${purpose}.${channel}`,
        purpose,
        channel,
        wording: [title, hint, CHANNEL_WORDS[lang][channel].name].join('\n'),
      }));
    }),
    ...(content.channels.includes('email')
      ? [
          {
            value: 'email-open-tracking.email',
            purpose: 'email-open-tracking' as const,
            channel: 'email' as const,
            wording: [tracking.title, tracking.hint, tracking.label].join('\n'),
          },
        ]
      : []),
  ];
}

/**
 * What somebody changed by sending the form. A consent changes only where its box is not as it was when the page was
 * shown: a page left open must not give back what was withdrawn meanwhile. What is not a choice of the page changes nothing.
 */
export function changeOf(
  form: URLSearchParams,
  content: PageContent,
  brandName: string,
  topics: readonly { readonly key: string }[],
  now: Date,
): PageChange {
  const ticked = new Set(form.getAll('consent'));
  const before = new Set(form.getAll('was'));
  const boxes = consentBoxes(content, brandName);
  return {
    granted: boxes.filter(({ value }) => ticked.has(value) && !before.has(value)),
    withdrawn: boxes.filter(({ value }) => !ticked.has(value) && before.has(value)),
    preferences: preferencesOf(form, content, topics, now),
  };
}

function preferencesOf(
  form: URLSearchParams,
  content: PageContent,
  topics: readonly { readonly key: string }[],
  now: Date,
): Preferences {
  const { preferences: held } = content;
  const wanted = new Set(form.getAll('topic'));
  const offered = new Set(topics.map(({ key }) => key));
  const refused = topics.map(({ key }) => key).filter((key) => !wanted.has(key));
  const hour = form.get('hour') ?? '';
  return {
    pausedUntil: pausedUntil(form.get('pause'), held, now),
    preferredChannel: preferable(content).find((channel) => channel === form.get('channel')) ?? null,
    // Those that are not on the page any more stay refused.
    refusedTopics: [...held.refusedTopics.filter((key) => !offered.has(key)), ...refused].sort(),
    newsletter: newsletter(form.get('frequency'), held),
    sendHour: hoursOf(held).find((one) => String(one) === hour) ?? null,
  };
}

function newsletter(choice: string | null, held: Preferences): Preferences['newsletter'] {
  if (choice === 'usual') return null;
  const name = FREQUENCY_NAMES.find((one) => one === choice);
  return name === undefined ? held.newsletter : FREQUENCIES[name];
}

function pausedUntil(choice: string | null, held: Preferences, now: Date): Date | null {
  if (choice === 'none') return null;
  const pause = PAUSES.find((one) => one === choice);
  return pause === undefined ? held.pausedUntil : pauseEnd(pause, now);
}
