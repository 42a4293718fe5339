/** A p-value is a tail that may be too small for a double; it is then as small as one can be, never 0. */
export const asP = (tail: number): number => Math.min(1, Math.max(tail, Number.MIN_VALUE));

/** For people: `0.042`, `1.6e-4`, `<1e-300`. Never `0`. */
export function formatP(p: number): string {
  if (p < 1e-300) return '<1e-300';
  if (p < 0.001) return p.toExponential(1);
  if (p > 0.9995) return '1';
  return p.toFixed(3);
}
