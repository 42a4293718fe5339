import type { Frequency, Pause } from '../../domain/consent/preferences';
import type { Lang } from './recipient-page';

interface Words {
  readonly heading: string;
  readonly intro: (brand: string) => string;
  readonly saved: string;
  readonly off: string;
  readonly unknown: { readonly heading: string; readonly text: string };
  readonly subjects: { readonly title: string; readonly hint: string };
  readonly topics: { readonly title: string; readonly hint: string };
  readonly frequency: {
    readonly title: string;
    readonly usual: string;
    readonly as: (n: number, days: number) => string;
  };
  readonly frequencies: Record<Frequency, string>;
  readonly pause: {
    readonly title: string;
    readonly hint: string;
    readonly none: string;
    readonly until: (day: string) => string;
  };
  readonly pauses: Record<Pause, string>;
  readonly how: {
    readonly title: string;
    readonly channel: string;
    readonly hour: string;
    readonly any: string;
    readonly at: (hour: number) => string;
  };
  readonly save: string;
  readonly nothing: { readonly title: string; readonly hint: string; readonly button: string };
}

export const PREFERENCES_WORDS: Record<Lang, Words> = {
  fr: {
    heading: 'Mes préférences',
    intro: (brand) => `Choisissez ce que ${brand} vous envoie. Rien ne change avant d’enregistrer.`,
    saved: 'Vos préférences sont enregistrées.',
    off: 'C’est fait : vous ne recevrez plus aucun message commercial. Un message déjà en route peut encore arriver.',
    unknown: {
      heading: 'Lien inconnu',
      text: 'Ce lien est incomplet ou n’est plus valable. Ouvrez-le depuis le dernier message reçu.',
    },
    subjects: { title: 'Ce que je reçois', hint: 'Cochez ce que vous acceptez, pour chaque canal.' },
    topics: { title: 'Sujets qui m’intéressent', hint: 'Décochez ceux dont vous ne voulez plus.' },
    frequency: {
      title: 'Rythme de la newsletter',
      usual: 'Le rythme habituel',
      as: (n, days) => `Au plus ${n} en ${days} jours, comme aujourd’hui`,
    },
    frequencies: {
      each: 'Chaque numéro',
      weekly: 'Une par semaine au plus',
      monthly: 'Une par mois au plus',
    },
    pause: {
      title: 'Faire une pause',
      hint: 'Aucun message commercial pendant ce temps ; vos choix reprennent ensuite.',
      none: 'Pas de pause',
      until: (day) => `En pause jusqu’au ${day}`,
    },
    pauses: { week: 'Une semaine', month: 'Un mois', quarter: 'Trois mois' },
    how: {
      title: 'Comment et quand',
      channel: 'Canal préféré',
      hour: 'Heure préférée',
      any: 'Sans préférence',
      at: (hour) => `Vers ${hour} h`,
    },
    save: 'Enregistrer',
    nothing: {
      title: 'Tout arrêter',
      hint: 'Plus aucun message commercial, sur aucun canal, ni profil ni mesure de lecture. Les messages liés à vos commandes continuent.',
      button: 'Ne plus rien recevoir',
    },
  },
  en: {
    heading: 'My preferences',
    intro: (brand) => `Choose what ${brand} sends you. Nothing changes until you save.`,
    saved: 'Your preferences are saved.',
    off: 'Done: you will get no marketing messages any more. One already on its way may still arrive.',
    unknown: {
      heading: 'Unknown link',
      text: 'This link is incomplete or no longer valid. Open it from the latest message you got.',
    },
    subjects: { title: 'What I get', hint: 'Tick what you agree to, for each channel.' },
    topics: { title: 'Topics I like', hint: 'Untick those you no longer want.' },
    frequency: {
      title: 'How often the newsletter comes',
      usual: 'As often as usual',
      as: (n, days) => `At most ${n} in ${days} days, as today`,
    },
    frequencies: { each: 'Every issue', weekly: 'At most one a week', monthly: 'At most one a month' },
    pause: {
      title: 'Take a break',
      hint: 'No marketing messages meanwhile; afterwards your choices hold again.',
      none: 'No break',
      until: (day) => `Paused until ${day}`,
    },
    pauses: { week: 'One week', month: 'One month', quarter: 'Three months' },
    how: {
      title: 'How and when',
      channel: 'Preferred channel',
      hour: 'Preferred hour',
      any: 'No preference',
      at: (hour) => `Around ${String(hour).padStart(2, '0')}:00`,
    },
    save: 'Save',
    nothing: {
      title: 'Stop everything',
      hint: 'No more marketing by any channel, no profiling, no open tracking. Messages about your orders go on.',
      button: 'Send me nothing more',
    },
  },
};
