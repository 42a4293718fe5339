import type { LetterKind } from '../../domain/shared/words';

interface LetterWords {
  readonly subject: string;
  /** null: nothing is said of it on the letter. */
  readonly kinds: Readonly<Record<LetterKind, string | null>>;
  placeAndDate(place: string, date: string): string;
}

const FRENCH: LetterWords = {
  subject: 'Objet : ',
  kinds: {
    plain: null,
    tracked: 'Lettre suivie',
    registered: 'Lettre recommandée avec avis de réception',
    lre: 'Lettre recommandée électronique',
    ere: 'Envoi recommandé électronique avec accusé de réception',
  },
  // The first of the month is the one day said as an ordinal.
  placeAndDate: (place, date) => `${place}, le ${date.replace(/^1 /, '1er ')}`,
};

const ENGLISH: LetterWords = {
  subject: 'Subject: ',
  kinds: {
    plain: null,
    tracked: 'Tracked letter',
    registered: 'Registered letter with acknowledgement of receipt',
    lre: 'Registered e-letter',
    ere: 'Electronic letter with acknowledgement of receipt',
  },
  placeAndDate: (place, date) => `${place}, ${date}`,
};

/** A letter's own few words; French where its language has none. */
export const letterWords = (locale: string): LetterWords => (/^en\b/i.test(locale) ? ENGLISH : FRENCH);
