import { chiSquareTail } from './chi-square';
import { heterogeneityP } from './heterogeneity';
import { holm } from './holm';
import { formatP } from './p-value';
import { smallestExpected, type Count } from './two-proportions';

/** People of this test who were in another one too, by their arms in both, and who of them had this test's event. */
export interface CrossCell extends Count {
  readonly arm: string;
  readonly otherArm: string;
}

/** Another campaign's test that went on at the same time. */
export interface ConcurrentTest {
  readonly campaignId: string;
  readonly name: string;
  readonly cells: readonly CrossCell[];
}

export interface Crossing {
  /** People in both tests. */
  readonly shared: number;
  /** Whether the arms of both were dealt independently (chi-square of the crossing table); null: too few to check. */
  readonly independenceP: number | null;
  /** Whether an arm's effect is another one by the arm of the other test (Cochran's Q); of each arm with people enough. */
  readonly effects: readonly { readonly arm: string; readonly p: number; readonly pAdjusted: number }[];
  readonly verdict: 'shown' | 'not-shown' | 'too-few' | 'dependent';
}

export type Interaction = Omit<ConcurrentTest, 'cells'> & Crossing;

const LEAST_EXPECTED = 5;
/** As health's sample ratio fails. */
const DEPENDENT_BELOW = 0.001;

/**
 * Whether this test's effects hang on the arms of tests that shared its people, adjusted by Holm over all tests and arms. Where
 * both deal their arms independently, another test moves every arm alike and biases nothing; what an interaction changes is
 * whether the effect will be the same once the other test's winner is sent to everybody.
 */
export function interactionsOf<T extends Pick<ConcurrentTest, 'cells'>>(
  tests: readonly T[],
  arms: readonly string[],
  reference: string,
  alpha: number,
): (Omit<T, 'cells'> & Crossing)[] {
  const asked = tests.map(({ cells }) =>
    arms
      .filter((arm) => arm !== reference)
      .flatMap((arm) => {
        const p = heterogeneityP(strataOf(cells, arm, reference));
        return p === null ? [] : [{ arm, p }];
      }),
  );
  const adjusted = holm(asked.flat().map(({ p }) => p)).values();
  return tests.map(({ cells, ...test }, i) => {
    const effects = (asked[i] ?? []).map((one) => ({ ...one, pAdjusted: adjusted.next().value ?? 1 }));
    const independenceP = independence(cells);
    return {
      ...test,
      shared: cells.reduce((sum, { n }) => sum + n, 0),
      independenceP,
      effects,
      verdict: verdictOf(effects, independenceP, alpha),
    };
  });
}

function verdictOf(
  effects: Crossing['effects'],
  independenceP: number | null,
  alpha: number,
): Crossing['verdict'] {
  if (independenceP !== null && independenceP < DEPENDENT_BELOW) return 'dependent';
  if (effects.length === 0) return 'too-few';
  return effects.some(({ pAdjusted }) => pAdjusted < alpha) ? 'shown' : 'not-shown';
}

const keysOf = (cells: readonly CrossCell[], side: 'arm' | 'otherArm'): string[] =>
  [...new Set(cells.map((cell) => cell[side]))].sort();

/** An arm against the reference, by the arm of the other test; only where enough of both are there to be normal. */
function strataOf(cells: readonly CrossCell[], arm: string, reference: string) {
  const countOf = (own: string, otherArm: string): Count => {
    const found = cells.find((cell) => cell.arm === own && cell.otherArm === otherArm);
    return { n: found?.n ?? 0, events: found?.events ?? 0 };
  };
  return keysOf(cells, 'otherArm')
    .map((other) => ({ arm: countOf(arm, other), reference: countOf(reference, other) }))
    .filter((stratum) => smallestExpected(stratum.arm, stratum.reference) >= LEAST_EXPECTED);
}

/** Pearson's chi-square of arms against arms. */
function independence(cells: readonly CrossCell[]): number | null {
  const total = cells.reduce((sum, { n }) => sum + n, 0);
  const [own, other] = [keysOf(cells, 'arm'), keysOf(cells, 'otherArm')];
  const sumOf = (side: 'arm' | 'otherArm', key: string): number =>
    cells.filter((cell) => cell[side] === key).reduce((sum, { n }) => sum + n, 0);
  const expected = own.flatMap((a) =>
    other.map((b) => ({
      n: cells.find((cell) => cell.arm === a && cell.otherArm === b)?.n ?? 0,
      expected: total === 0 ? 0 : (sumOf('arm', a) * sumOf('otherArm', b)) / total,
    })),
  );
  const df = (own.length - 1) * (other.length - 1);
  if (df < 1 || expected.some((cell) => cell.expected < LEAST_EXPECTED)) return null;
  return chiSquareTail(
    expected.reduce((sum, cell) => sum + (cell.n - cell.expected) ** 2 / cell.expected, 0),
    df,
  );
}

/** What whoever acts on the decision has to know of them. */
export const shownInteractions = (interactions: readonly Interaction[]): string[] =>
  interactions
    .filter(({ verdict }) => verdict === 'shown' || verdict === 'dependent')
    .map((one) => `It decides nothing, but look at it: ${interactionWords(one)}`);

/** A sentence for each test that shared people. */
export const interactionWords = ({
  name,
  campaignId,
  shared,
  effects,
  independenceP,
  verdict,
}: Interaction): string => {
  const with_ = `${name} (${campaignId}), ${shared} people in both`;
  const p = formatP(Math.min(1, ...effects.map(({ pAdjusted }) => pAdjusted)));
  switch (verdict) {
    case 'shown':
      return `${with_}: the effect differs by their arm there (p ${p}, Holm). Read it again once that test has a winner.`;
    case 'not-shown':
      return `${with_}: no interaction shown (p ${p}, Holm).`;
    case 'too-few':
      return `${with_}: too few to tell whether the effect differs by their arm there.`;
    case 'dependent':
      return `${with_}: the arms of both were not dealt independently (p ${formatP(independenceP ?? 1)}); neither effect is its own.`;
  }
};
