/** The template's own words, by language. What a brand or an editor says is not here. */
export interface Phrases {
  readonly offerLabel: string;
  readonly offerHow: string;
  readonly reason: (brand: string) => string;
  readonly privacy: string;
  readonly unsubscribe: string;
  readonly previewFrom: string;
}

const nbsp = '\u00a0';

const PHRASES: Readonly<Record<'fr' | 'en', Phrases>> = {
  fr: {
    offerLabel: 'Votre code',
    offerHow: 'À indiquer au moment de payer, en ligne ou en magasin.',
    reason: (brand) => `Vous recevez ce message parce que vous avez accepté les e-mails de ${brand}.`,
    privacy: 'Vos données et vos droits',
    unsubscribe: 'Se désinscrire',
    previewFrom: `De${nbsp}:`,
  },
  en: {
    offerLabel: 'Your code',
    offerHow: 'Give it at checkout, online or in store.',
    reason: (brand) => `You receive this message because you agreed to e-mails from ${brand}.`,
    privacy: 'Your data and your rights',
    unsubscribe: 'Unsubscribe',
    previewFrom: 'From:',
  },
};

/** By the language of a locale such as `fr`, `fr-BE` or `en_GB`; English where there is no other. */
export const phrasesFor = (locale: string): Phrases =>
  locale.toLowerCase().startsWith('fr') ? PHRASES.fr : PHRASES.en;
