/**
 * Holm's adjusted p-values, in the order given: sorted upwards, each times the number of hypotheses not yet passed,
 * made monotone, at most 1. S. Holm, Scandinavian Journal of Statistics 6 (1979).
 */
export function holm(ps: readonly number[]): number[] {
  const adjusted = ps.map(() => 1);
  let largest = 0;
  [...ps.entries()]
    .sort(([, a], [, b]) => a - b)
    .forEach(([index, p], rank) => {
      largest = Math.min(1, Math.max(largest, p * (ps.length - rank)));
      adjusted[index] = largest;
    });
  return adjusted;
}
