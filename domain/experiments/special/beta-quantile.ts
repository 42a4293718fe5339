import { incompleteBeta } from './incomplete-beta';

/**
 * x with I_x(a, b) = `probability`, for a, b > 0 and 0 < probability ≤ ½: bisection of ln x, which keeps the relative
 * precision of very small answers.
 */
export function betaQuantile(probability: number, a: number, b: number): number {
  let low = Math.log(Number.MIN_VALUE);
  let high = 0;
  for (let i = 0; i < 80; i += 1) {
    const middle = (low + high) / 2;
    if (incompleteBeta(a, b, Math.exp(middle), -Math.expm1(middle)).lower < probability) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}
