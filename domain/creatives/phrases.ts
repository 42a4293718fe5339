import type { Nature } from '../shared/words';

/** The template's own words, by language. What a brand or an editor says is not here. */
export interface Phrases {
  readonly offerLabel: string;
  readonly offerHow: string;
  /** Why somebody gets a message of a nature. */
  readonly reason: (brand: string, nature: Nature) => string;
  readonly privacy: string;
  readonly unsubscribe: string;
  /** The same link under a service message, which leads to a page with the choice. */
  readonly manage: string;
  readonly previewFrom: string;
}

const nbsp = '\u00a0';

const PHRASES: Readonly<Record<'fr' | 'en', Phrases>> = {
  fr: {
    offerLabel: 'Votre code',
    offerHow: 'À indiquer au moment de payer, en ligne ou en magasin.',
    reason: (brand, nature) => {
      switch (nature) {
        case 'service':
          return `${brand} vous écrit au sujet de votre compte, d’une commande ou d’une demande. Ce message n’est pas une publicité.`;
        case 'official':
          return `${brand} vous adresse cette information parce qu’elle vous est due. Ce message n’est pas une publicité.`;
        default:
          return `Vous recevez ce message parce que vous avez accepté les e-mails de ${brand}.`;
      }
    },
    privacy: 'Vos données et vos droits',
    unsubscribe: 'Se désinscrire',
    manage: 'Choisir les messages que je reçois',
    previewFrom: `De${nbsp}:`,
  },
  en: {
    offerLabel: 'Your code',
    offerHow: 'Give it at checkout, online or in store.',
    reason: (brand, nature) => {
      switch (nature) {
        case 'service':
          return `${brand} writes to you about your account, an order or a request. This message is not advertising.`;
        case 'official':
          return `${brand} sends you this information because it is owed to you. This message is not advertising.`;
        default:
          return `You receive this message because you agreed to e-mails from ${brand}.`;
      }
    },
    privacy: 'Your data and your rights',
    unsubscribe: 'Unsubscribe',
    manage: 'Choose the messages I get',
    previewFrom: 'From:',
  },
};

/** By the language of a locale such as `fr`, `fr-BE` or `en_GB`; English where there is no other. */
export const phrasesFor = (locale: string): Phrases =>
  locale.toLowerCase().startsWith('fr') ? PHRASES.fr : PHRASES.en;
