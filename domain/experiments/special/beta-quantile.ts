import { incompleteBeta } from './incomplete-beta';

const SMALLEST = Math.log(Number.MIN_VALUE);

/**
 * x with I_x(a, b) = `probability`, for a, b > 0 and 0 < probability ≤ ½: bisection of ln x, which keeps the relative
 * precision of very small answers.
 */
export function betaQuantile(probability: number, a: number, b: number): number {
  const isBelow = (logX: number): boolean =>
    incompleteBeta(a, b, Math.exp(logX), -Math.expm1(logX)).lower < probability;
  // Below the mean in all but the most skewed cases: widen downwards from there until it is enclosed.
  let high = isBelow(Math.log(a / (a + b))) ? 0 : Math.log(a / (a + b));
  let width = 0.1;
  while (!isBelow(high - width) && high - width > SMALLEST) width *= 2;
  let low = high - width;
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}
