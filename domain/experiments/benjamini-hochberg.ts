/**
 * Benjamini and Hochberg's adjusted p-values, in the order given: sorted downwards, each times the number of hypotheses over
 * its rank, made monotone. Those below q are, in expectation, wrong in a share q of cases.
 * Y. Benjamini and Y. Hochberg, Journal of the Royal Statistical Society B 57 (1995).
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const adjusted = ps.map(() => 1);
  let smallest = 1;
  [...ps.entries()]
    .sort(([, a], [, b]) => b - a)
    .forEach(([index, p], i) => {
      smallest = Math.min(smallest, (p * ps.length) / (ps.length - i));
      adjusted[index] = smallest;
    });
  return adjusted;
}
