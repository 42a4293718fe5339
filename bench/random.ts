/** Seeded draws for simulations: the same figures in every run. */
export function randomFrom(seed: number) {
  let state = seed >>> 0;
  // mulberry32: 32 bits of state are plenty for a few million draws.
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    /** Number of successes in n draws at `p`, by the gaps between successes. */
    binomial: (n: number, p: number): number => {
      let successes = 0;
      for (let at = gap(uniform(), p); at < n; at += 1 + gap(uniform(), p)) successes += 1;
      return successes;
    },
  };
}

const gap = (u: number, p: number): number => Math.floor(Math.log(1 - u) / Math.log(1 - p));
