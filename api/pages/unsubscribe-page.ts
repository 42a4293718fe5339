import type { Channel, Purpose } from '../../domain/shared/words';
import { CHANNEL_WORDS, THINGS } from './consent-words';
import { html } from './html';
import { langOf, recipientPage, type Lang } from './recipient-page';

export interface UnsubscribePage {
  /** `ask` before, `done` after, `unknown` where the link names nobody (any more). */
  readonly state: 'ask' | 'done' | 'unknown';
  readonly brandName: string;
  /** What the button ends; a purpose of null is a message nobody can refuse. */
  readonly purpose: Purpose | null;
  readonly channel: Channel;
  /** Where the button posts to. */
  readonly actionUrl: string;
  /** Where everything else is chosen; null: nowhere. */
  readonly preferencesUrl: string | null;
  readonly locale: string;
}

interface Words {
  readonly heading: string;
  readonly text: string;
  readonly button?: string;
}

const WORDS: Record<
  Lang,
  Record<UnsubscribePage['state'], (brand: string, things: string, by: string) => Words> & {
    readonly mandatory: Words;
    readonly preferences: string;
  }
> = {
  fr: {
    ask: (brand, things, by) => ({
      heading: 'Se désabonner',
      text: `Confirmez pour ne plus recevoir ${things} de ${brand} ${by}.`,
      button: 'Me désabonner',
    }),
    done: (brand, things, by) => ({
      heading: 'C’est fait',
      text: `Vous ne recevrez plus ${things} de ${brand} ${by}. Un message déjà en route peut encore arriver.`,
    }),
    unknown: () => ({
      heading: 'Lien inconnu',
      text: 'Ce lien est incomplet ou n’est plus valable. Ouvrez-le depuis le dernier message reçu.',
    }),
    mandatory: {
      heading: 'Message obligatoire',
      text: 'La loi nous oblige à vous envoyer ce type de message : il ne peut pas être refusé.',
    },
    preferences: 'Choisir ce que je reçois, et à quel rythme',
  },
  en: {
    ask: (brand, things, by) => ({
      heading: 'Unsubscribe',
      text: `Confirm to get no more ${things} from ${brand} ${by}.`,
      button: 'Unsubscribe me',
    }),
    done: (brand, things, by) => ({
      heading: 'Done',
      text: `You will get no more ${things} from ${brand} ${by}. A message already on its way may still arrive.`,
    }),
    unknown: () => ({
      heading: 'Unknown link',
      text: 'This link is incomplete or no longer valid. Open it from the latest message you got.',
    }),
    mandatory: {
      heading: 'Mandatory message',
      text: 'The law obliges us to send you messages of this kind: they cannot be refused.',
    },
    preferences: 'Choose what I get, and how often',
  },
};

/**
 * The page behind the unsubscribe link, for a person: opening it changes nothing (mail scanners open every link), its
 * one button posts. In French or English, by locale.
 */
export function renderUnsubscribePage(page: UnsubscribePage): string {
  const { state, brandName, purpose, channel, actionUrl, preferencesUrl, locale } = page;
  const lang = langOf(locale);
  const words = WORDS[lang];
  const { heading, text, button } =
    purpose === null && state !== 'unknown'
      ? words.mandatory
      : words[state](
          brandName,
          purpose === null ? '' : THINGS[lang][purpose],
          CHANNEL_WORDS[lang][channel].by,
        );
  return recipientPage({
    lang,
    brandName,
    heading,
    body: html`<p${state === 'done' && html` role="status"`}>${text}</p>
${button !== undefined && html`<form method="post" action="${actionUrl}"><button type="submit">${button}</button></form>`}
${preferencesUrl !== null && html`<p class="more"><a href="${preferencesUrl}">${words.preferences}</a></p>`}`,
  });
}
