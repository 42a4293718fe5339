import { incompleteGamma } from './incomplete-gamma';

/** Complementary error function: erfc(x) = Q(½, x²) for x ≥ 0 (NIST DLMF 7.11.2), reflected below. */
export function erfc(x: number): number {
  if (x === 0) return 1;
  const { lower, upper } = incompleteGamma(0.5, x * x);
  return x > 0 ? upper : 1 + lower;
}
