const TINY = 1e-300;
/** Terms needed grow with the square root of the largest parameter: enough for counts of 1e10. */
const MAX_TERMS = 1_000_000;

/**
 * Value of the continued fraction a(1) / (b(1) + a(2) / (b(2) + …)).
 * Modified Lentz algorithm (Thompson and Barnett, 1986).
 */
export function continuedFraction(a: (n: number) => number, b: (n: number) => number): number {
  let value = TINY;
  let c = TINY;
  let d = 0;
  for (let n = 1; n <= MAX_TERMS; n += 1) {
    const an = a(n);
    const bn = b(n);
    d = nonZero(bn + an * d);
    c = nonZero(bn + an / c);
    d = 1 / d;
    const step = c * d;
    value *= step;
    if (Math.abs(step - 1) < 2 ** -52) break;
  }
  return value;
}

const nonZero = (x: number): number => (Math.abs(x) < TINY ? TINY : x);
