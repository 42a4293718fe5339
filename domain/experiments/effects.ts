import { compareWith, type CompareTerms } from './compare';
import type { ExperimentInput, ShareArm } from './evaluation';
import { rateOf } from './two-proportions';

/** `no-difference`: none was shown, which is not that there is none. `exploratory`: not tested. */
export const VERDICTS = ['better', 'worse', 'no-difference', 'too-few', 'exploratory'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** One arm against the reference, in something that decides nothing. */
export interface Effect {
  readonly arm: string;
  readonly n: number;
  readonly rate: number;
  readonly referenceN: number;
  readonly referenceRate: number;
  readonly difference: number;
  /** At 1 − alpha, not adjusted; before the end, what holds at every look. */
  readonly ci: readonly [number, number];
  /** Of the same kind as the primary metric's at this look. */
  readonly p: number;
  /** Adjusted for everything it was tested with, and for alpha being shared between looks; null: exploratory. */
  readonly pAdjusted: number | null;
  readonly verdict: Verdict;
}

/** Counts of one arm: of one event, in one group of people. */
export interface Cell {
  readonly arm: string;
  readonly n: number;
  readonly events: number;
}

/** A comparison before anybody has said what it was tested with. */
export type Unjudged = Omit<Effect, 'pAdjusted' | 'verdict'> & { readonly trusted: boolean };

/** The arms of a test with other counts: cells of an arm are added up, an arm without any counts 0. */
export const armsOf = ({ arms }: Pick<ExperimentInput, 'arms'>, cells: readonly Cell[]): ShareArm[] =>
  arms.map(({ key, weight }) => {
    const own = cells.filter(({ arm }) => arm === key);
    const sum = (of: 'n' | 'events') => own.reduce((total, cell) => total + cell[of], 0);
    return { key, weight, n: sum('n'), events: sum('events') };
  });

/** Each arm against the reference. Arms without people have no effect; nor has any where the reference has none. */
export function unjudged(arms: readonly ShareArm[], reference: string, terms: CompareTerms): Unjudged[] {
  const against = arms.find(({ key, n }) => key === reference && n > 0);
  if (against === undefined) return [];
  const others = arms.filter(({ key, n }) => key !== reference && n > 0);
  return others.flatMap((own) =>
    compareWith([own], against, terms).map(({ arm, difference, ci, alwaysValid, p, trusted }) => ({
      arm,
      n: own.n,
      rate: rateOf(own),
      referenceN: against.n,
      referenceRate: rateOf(against),
      difference,
      ci: terms.look === 'early' ? alwaysValid.ci : ci,
      p,
      trusted,
    })),
  );
}

/** What is tested together: each with which way is better. */
interface Family {
  readonly direction: 'increase' | 'decrease';
  readonly effects: readonly Unjudged[];
}

/** The effects of each, all of them adjusted for each other. */
export function judged(
  family: readonly Family[],
  adjust: (ps: readonly number[]) => number[],
  { alpha, share }: Pick<CompareTerms, 'alpha' | 'share'>,
): Effect[][] {
  const adjusted = adjust(family.flatMap(({ effects }) => effects.map(({ p }) => p))).values();
  return family.map(({ direction, effects }) =>
    effects.map(({ trusted, ...effect }) => {
      const pAdjusted = Math.min(1, (adjusted.next().value ?? 1) / share);
      const wished = direction === 'increase' ? effect.difference > 0 : effect.difference < 0;
      const told = pAdjusted >= alpha ? 'no-difference' : wished ? 'better' : 'worse';
      return { ...effect, pAdjusted, verdict: trusted ? told : 'too-few' };
    }),
  );
}

export const exploratory = ({ trusted: _, ...effect }: Unjudged): Effect => ({
  ...effect,
  pAdjusted: null,
  verdict: 'exploratory',
});
