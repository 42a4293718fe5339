import type { ContactPurpose } from '../../domain/consent/consent';
import type { Channel, Purpose } from '../../domain/shared/words';
import type { Lang } from './recipient-page';

/** How a channel is called on a page, and `by` it in a sentence. */
export const CHANNEL_WORDS: Record<Lang, Record<Channel, { readonly name: string; readonly by: string }>> = {
  fr: {
    email: { name: 'E-mail', by: 'par e-mail' },
    sms: { name: 'SMS', by: 'par SMS' },
    push: { name: 'Notification', by: 'par notification' },
    'in-app': { name: 'Dans l’application', by: 'dans l’application' },
    letter: { name: 'Courrier', by: 'par courrier' },
    'e-letter': { name: 'Lettre électronique', by: 'par lettre électronique' },
  },
  en: {
    email: { name: 'E-mail', by: 'by e-mail' },
    sms: { name: 'Text message', by: 'by text message' },
    push: { name: 'Notification', by: 'by notification' },
    'in-app': { name: 'In the app', by: 'in the app' },
    letter: { name: 'Letter', by: 'by letter' },
    'e-letter': { name: 'Electronic letter', by: 'by electronic letter' },
  },
};

/** What a consent is for, by itself. */
export const PURPOSE_NAMES: Record<Lang, Record<Purpose, string>> = {
  fr: {
    promotion: 'Offres et promotions',
    newsletter: 'Newsletter',
    survey: 'Enquêtes',
    service: 'Messages de service',
    profiling: 'Messages personnalisés',
    'email-open-tracking': 'Mesure de lecture des e-mails',
    'registered-e-letter': 'Lettres recommandées électroniques',
  },
  en: {
    promotion: 'Offers and promotions',
    newsletter: 'Newsletter',
    survey: 'Surveys',
    service: 'Service messages',
    profiling: 'Personalised messages',
    'email-open-tracking': 'Seeing whether e-mails are read',
    'registered-e-letter': 'Registered electronic letters',
  },
};

/** What somebody gets under a purpose, in a sentence: “you will get no more …”. */
export const THINGS: Record<Lang, Record<Purpose, string>> = {
  fr: {
    promotion: 'd’offres',
    newsletter: 'de newsletter',
    survey: 'd’enquêtes',
    service: 'de messages de service',
    profiling: 'de messages personnalisés',
    'email-open-tracking': 'de mesure d’ouverture',
    'registered-e-letter': 'de lettres recommandées électroniques',
  },
  en: {
    promotion: 'offers',
    newsletter: 'newsletters',
    survey: 'surveys',
    service: 'service messages',
    profiling: 'personalised messages',
    'email-open-tracking': 'open tracking',
    'registered-e-letter': 'registered electronic letters',
  },
};

/** A purpose as it is asked about. The words shown are the words on record. */
export const ASKED: Record<
  Lang,
  Record<ContactPurpose, (brand: string) => { readonly title: string; readonly hint: string }>
> = {
  fr: {
    promotion: (brand) => ({
      title: 'Offres et promotions',
      hint: `${brand} peut m’envoyer des offres commerciales.`,
    }),
    newsletter: (brand) => ({ title: 'Newsletter', hint: `${brand} peut m’envoyer sa newsletter.` }),
    survey: (brand) => ({ title: 'Enquêtes', hint: `${brand} peut me demander mon avis.` }),
  },
  en: {
    promotion: (brand) => ({
      title: 'Offers and promotions',
      hint: `${brand} may send me commercial offers.`,
    }),
    newsletter: (brand) => ({ title: 'Newsletter', hint: `${brand} may send me its newsletter.` }),
    survey: (brand) => ({ title: 'Surveys', hint: `${brand} may ask me what I think.` }),
  },
};

export const TRACKING_ASKED: Record<
  Lang,
  (brand: string) => { readonly title: string; readonly hint: string; readonly label: string }
> = {
  fr: (brand) => ({
    title: 'Mesure de lecture des e-mails',
    hint: `${brand} peut mesurer si j’ouvre ses e-mails, grâce à une image invisible. C’est facultatif, et cela s’arrête aussi pour les e-mails déjà envoyés dès que je le refuse.`,
    label: 'J’accepte',
  }),
  en: (brand) => ({
    title: 'Seeing whether e-mails are read',
    hint: `${brand} may see whether I open its e-mails, by an invisible image. It is optional, and once I refuse it stops for e-mails already sent as well.`,
    label: 'I agree',
  }),
};
