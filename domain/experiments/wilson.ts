import { normalQuantile } from './special/normal-quantile';

/**
 * Wilson's score interval of a share at confidence 1 − alpha (two-sided), within [0, 1]; [0, 1] where n is 0.
 * E. B. Wilson, JASA 22 (1927).
 */
export function wilsonInterval(events: number, n: number, alpha: number): readonly [number, number] {
  if (n === 0) return [0, 1];
  const z = normalQuantile(alpha / 2);
  const p = events / n;
  const denominator = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / denominator;
  const half = (z / denominator) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [events === 0 ? 0 : Math.max(0, centre - half), events === n ? 1 : Math.min(1, centre + half)];
}
