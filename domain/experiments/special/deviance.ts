/**
 * x ln(x / m) + m − x for x ≥ 0 and m > 0: the deviance part of a binomial or Poisson probability, without the
 * cancellation that the plain formula suffers where x is near m.
 * C. Loader, "Fast and accurate computation of binomial probabilities" (2000), function bd0.
 */
export function deviance(x: number, m: number): number {
  if (x === 0) return m;
  const difference = x - m;
  if (Math.abs(difference) >= 0.1 * (x + m)) return x * Math.log(x / m) - difference;
  const v = difference / (x + m);
  let sum = difference * v;
  let term = 2 * x * v;
  for (let j = 1; j < 1_000; j += 1) {
    term *= v * v;
    const next = sum + term / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}
