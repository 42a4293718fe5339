/** Below this the argument is shifted upwards first: above it the series with these terms is exact to a double. */
const STIRLING_FROM = 15;

/**
 * δ(x) = ln Γ(x + 1) − ½ ln(2πx) − x ln x + x for x > 0: what Stirling's formula leaves out.
 * C. Loader, "Fast and accurate computation of binomial probabilities" (2000).
 */
export function stirlingError(x: number): number {
  if (x >= STIRLING_FROM) return stirlingSeries(x);
  // Shifted with the difference of the two Stirling terms, so that nothing large cancels.
  let sum = 0;
  let shifted = x;
  while (shifted < STIRLING_FROM) {
    sum += (shifted + 0.5) * Math.log1p(1 / shifted) - 1;
    shifted += 1;
  }
  return sum + stirlingSeries(shifted);
}

/** B₂ₖ / (2k (2k − 1)) of the asymptotic series, k = 1…8. */
const SERIES = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
] as const;

function stirlingSeries(x: number): number {
  const inverseSquare = 1 / (x * x);
  let sum = 0;
  for (const coefficient of [...SERIES].reverse()) sum = sum * inverseSquare + coefficient;
  return sum / x;
}
