import { html } from './html';
import { langOf, recipientPage, type Lang } from './recipient-page';

export interface ConfirmPage {
  /** `ask` before, `done` after; `used`, `expired` and `unknown` links change nothing. */
  readonly state: 'ask' | 'done' | 'used' | 'expired' | 'unknown';
  readonly brandName: string;
  /** The words the person agrees to. */
  readonly wording: string;
  readonly actionUrl: string;
  readonly locale: string;
}

interface Words {
  readonly heading: string;
  readonly text: string;
}

const WORDS: Record<Lang, Record<ConfirmPage['state'], Words> & { readonly button: string }> = {
  fr: {
    ask: { heading: 'Confirmer votre inscription', text: 'Vous avez demandé ceci :' },
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
  },
  en: {
    ask: { heading: 'Confirm your subscription', text: 'You asked for this:' },
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
  },
};

/** The page behind the link of a double opt-in. Opening it confirms nothing; its one button does. */
export function renderConfirmPage({ state, brandName, wording, actionUrl, locale }: ConfirmPage): string {
  const lang = langOf(locale);
  const { heading, text } = WORDS[lang][state];
  return recipientPage({
    lang,
    brandName,
    heading,
    body: html`<p${state === 'done' && html` role="status"`}>${text}</p>
${(state === 'ask' || state === 'done') && html`<blockquote>${wording}</blockquote>`}
${state === 'ask' && html`<form method="post" action="${actionUrl}"><button type="submit">${WORDS[lang].button}</button></form>`}`,
  });
}
