import { asP } from './p-value';
import { twoSided } from './means';

export interface MannWhitney {
  /** Pairs in which the arm's value is the larger, ties half. */
  readonly u: number;
  /** 0 for the exact form. */
  readonly z: number;
  /** Two-sided, never 0. */
  readonly p: number;
  readonly exact: boolean;
}

/** Without ties, samples of which the smaller is no larger than this are counted out. */
const EXACT_UP_TO = 8;
const CONTINUITY = 0.5;

/**
 * Mann and Whitney's test of whether values of one arm tend to be larger than the reference's: exact for small samples
 * without ties, else the normal approximation with the tie correction σ² = n₁n₂/12 · [(N + 1) − Σ(t³ − t)/(N(N − 1))] and
 * a continuity correction of ½. p = 1 where nobody differs from anybody. H. B. Mann and D. R. Whitney, Annals of
 * Mathematical Statistics 18 (1947).
 */
export function mannWhitney(arm: readonly number[], reference: readonly number[]): MannWhitney {
  const [n1, n2] = [arm.length, reference.length];
  const n = n1 + n2;
  if (n1 === 0 || n2 === 0) return { u: 0, z: 0, p: 1, exact: false };
  const { rankSum, ties } = rankSumOf(arm, reference);
  const u = rankSum - (n1 * (n1 + 1)) / 2;
  if (ties === 0 && Math.min(n1, n2) <= EXACT_UP_TO) {
    const smaller = Math.min(u, n1 * n2 - u);
    return { u, z: 0, p: asP(2 * exactTail(smaller, n1, n2)), exact: true };
  }
  const variance = ((n1 * n2) / 12) * (n + 1 - ties / (n * (n - 1)));
  if (!(variance > 0)) return { u, z: 0, p: 1, exact: false };
  const off = u - (n1 * n2) / 2;
  const z = (Math.sign(off) * Math.max(0, Math.abs(off) - CONTINUITY)) / Math.sqrt(variance);
  return { u, z, p: twoSided(z), exact: false };
}

/** Sum of the arm's ranks among all, equals sharing theirs; Σ(t³ − t) over groups of equals. */
function rankSumOf(
  arm: readonly number[],
  reference: readonly number[],
): { readonly rankSum: number; readonly ties: number } {
  const all = [
    ...arm.map((value) => ({ value, own: 1 })),
    ...reference.map((value) => ({ value, own: 0 })),
  ].sort((a, b) => a.value - b.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < all.length;) {
    const value = all[from]?.value;
    let to = from;
    let own = 0;
    for (; to < all.length && all[to]?.value === value; to += 1) own += all[to]?.own ?? 0;
    const size = to - from;
    rankSum += own * ((from + 1 + to) / 2);
    ties += size ** 3 - size;
    from = to;
  }
  return { rankSum, ties };
}

/** P(U ≤ u) without ties, by the number of ways to each u: the coefficients of the Gaussian binomial of n₁ + n₂ over n₁. */
function exactTail(u: number, n1: number, n2: number): number {
  const [few, many] = [Math.min(n1, n2), Math.max(n1, n2)];
  const most = Math.floor(u);
  const ways = [1, ...Array.from({ length: most }, () => 0)];
  let total = 1;
  for (let i = 1; i <= few; i += 1) {
    // times (1 − q^(many + i)) / (1 − q^i)
    for (let k = most; k >= many + i; k -= 1) ways[k] = (ways[k] ?? 0) - (ways[k - many - i] ?? 0);
    for (let k = i; k <= most; k += 1) ways[k] = (ways[k] ?? 0) + (ways[k - i] ?? 0);
    total *= (many + i) / i;
  }
  return Math.min(1, ways.reduce((sum, way) => sum + way, 0) / total);
}
