const POINTS = 32;

/** Nodes and weights of Gauss and Legendre on [−1, 1]: roots of the Legendre polynomial by Newton's method. */
const RULE = Array.from({ length: POINTS }, (_, i) => {
  let x = Math.cos((Math.PI * (i + 0.75)) / (POINTS + 0.5));
  let slope = 1;
  for (let step = 0; step < 100; step += 1) {
    let [before, now] = [1, x];
    for (let k = 2; k <= POINTS; k += 1)
      [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
    slope = (POINTS * (x * now - before)) / (x * x - 1);
    const next = x - now / slope;
    if (Math.abs(next - x) < 1e-16) break;
    x = next;
  }
  return { x, weight: 2 / ((1 - x * x) * slope * slope) };
});

/** ∫ f between the first and the last of these ascending points, 32 points of Gauss and Legendre to each piece. */
export function integrate(f: (x: number) => number, points: readonly number[]): number {
  let sum = 0;
  points.slice(1).forEach((to, i) => {
    const from = points[i] ?? to;
    const [middle, half] = [(from + to) / 2, (to - from) / 2];
    if (half > 0) for (const { x, weight } of RULE) sum += half * weight * f(middle + half * x);
  });
  return sum;
}
