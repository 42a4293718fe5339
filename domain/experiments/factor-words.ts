import type { FactorEffects } from './factors';
import { formatP } from './p-value';
import { intervalWords, points } from './words';

/** How to read the effects of a test whose arms are made of choices. */
export const factorsNote = ({ crossed }: FactorEffects, alpha: number): string =>
  'Nothing is decided by these. Each choice is held against the first one among people whose other choices are the same; p is ' +
  `adjusted over all of them together (Holm), and a difference is shown where it is below ${alpha}.` +
  (crossed ? '' : ' Not every combination was sent: a choice is compared in those that were.');

/** A sentence for each choice. */
export const factorLines = ({ effects }: FactorEffects, alpha: number): string[] =>
  effects.map(({ factor, level, against, difference, ci, pAdjusted, differs }) => {
    const shown = pAdjusted < alpha ? '' : 'no difference shown, ';
    const hangs =
      differs !== null && differs < alpha
        ? ` It hangs on the other choices (p ${formatP(differs)}): read the arms one by one.`
        : '';
    return `${factor}: ${level} against ${against}: ${shown}${points(difference)}, ${intervalWords(ci, alpha)} (p ${formatP(pAdjusted)}).${hangs}`;
  });

/** The sentences of what was shown. */
export const factorsShown = (effects: FactorEffects, alpha: number): string[] =>
  factorLines({ ...effects, effects: effects.effects.filter(({ pAdjusted }) => pAdjusted < alpha) }, alpha);
