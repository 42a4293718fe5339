import type { Channel, Purpose } from '../../domain/shared/words';
import { CHANNEL_WORDS, PURPOSE_NAMES } from './consent-words';
import { html } from './html';
import { langOf, recipientPage, type Lang } from './recipient-page';

export interface ConfirmPage {
  /** `ask` before, `done` after; `used`, `expired` and `unknown` links change nothing. */
  readonly state: 'ask' | 'done' | 'used' | 'expired' | 'unknown';
  readonly brandName: string;
  /** What the button agrees to; null: the link is unknown. */
  readonly asked: { readonly purpose: Purpose; readonly channel: Channel } | null;
  /** The words the person agrees to. */
  readonly wording: string;
  readonly actionUrl: string;
  readonly locale: string;
}

interface Words {
  readonly heading: string;
  readonly text: string;
}

const WORDS: Record<
  Lang,
  Record<ConfirmPage['state'], Words> & {
    readonly button: string;
    /** Before who asks, what for and how. */
    readonly sender: string;
    readonly purpose: string;
    readonly channel: string;
    readonly otherwise: string;
  }
> = {
  fr: {
    ask: { heading: 'Confirmer votre accord', text: 'Vous êtes sur le point d’accepter ceci :' },
    done: {
      heading: 'Merci, c’est confirmé',
      text: 'Votre accord est enregistré. Vous pourrez le retirer à tout moment, depuis chaque message.',
    },
    used: { heading: 'Déjà confirmé', text: 'Ce lien a déjà servi : il n’y a plus rien à faire.' },
    expired: {
      heading: 'Lien expiré',
      text: 'Ce lien valait sept jours. Rien n’a été enregistré ; inscrivez-vous à nouveau pour en recevoir un autre.',
    },
    unknown: {
      heading: 'Lien inconnu',
      text: 'Ce lien est incomplet ou n’existe pas. Ouvrez-le depuis le message reçu.',
    },
    button: 'Je confirme',
    sender: 'Pour qui',
    purpose: 'Pour quoi',
    channel: 'Par quel moyen',
    otherwise: 'Si vous n’avez rien demandé, fermez cette page : rien ne sera enregistré.',
  },
  en: {
    ask: { heading: 'Confirm that you agree', text: 'This is what you agree to:' },
    done: {
      heading: 'Thank you, it is confirmed',
      text: 'Your consent is on record. You can withdraw it at any time, from every message.',
    },
    used: { heading: 'Confirmed already', text: 'This link has been used: there is nothing left to do.' },
    expired: {
      heading: 'Link expired',
      text: 'This link was good for seven days. Nothing was recorded; subscribe again to get another one.',
    },
    unknown: {
      heading: 'Unknown link',
      text: 'This link is incomplete or does not exist. Open it from the message you got.',
    },
    button: 'I confirm',
    sender: 'For',
    purpose: 'To send you',
    channel: 'By',
    otherwise: 'If you asked for nothing, close this page: nothing is recorded.',
  },
};

/** The page behind the link of a double opt-in. Opening it confirms nothing; its one button does. */
export function renderConfirmPage({
  state,
  brandName,
  asked,
  wording,
  actionUrl,
  locale,
}: ConfirmPage): string {
  const lang = langOf(locale);
  const words = WORDS[lang];
  const { heading, text } = words[state];
  const tells = state === 'ask' || state === 'done';
  return recipientPage({
    lang,
    brandName,
    heading,
    body: html`<p${state === 'done' && html` role="status"`}>${text}</p>
${
  tells &&
  asked !== null &&
  html`<dl>
    <dt>${words.sender}</dt>
    <dd>${brandName}</dd>
    <dt>${words.purpose}</dt>
    <dd>${PURPOSE_NAMES[lang][asked.purpose]}</dd>
    <dt>${words.channel}</dt>
    <dd>${CHANNEL_WORDS[lang][asked.channel].name}</dd>
  </dl>`
}
${tells && html`<blockquote>${wording}</blockquote>`}
${
  state === 'ask' &&
  html`<form method="post" action="${actionUrl}"><button type="submit">${words.button}</button></form>
    <p class="more">${words.otherwise}</p>`
}`,
  });
}
