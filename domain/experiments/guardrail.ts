import { alwaysValidLowerBound } from './always-valid';
import { betaQuantile } from './special/beta-quantile';

/** Fewer are anecdotes: one complaint in a pilot of a hundred must not stop it. */
const MIN_EVENTS = 5;
const ONE_SIDED_ALPHA = 0.05;

export interface Guardrail {
  readonly metric: string;
  readonly n: number;
  readonly events: number;
  readonly rate: number;
  /** One-sided lower 95 % bound of the rate, of the kind it was judged by. */
  readonly lower95: number;
  readonly limit: number;
  readonly crossed: boolean;
}

/** Exact one-sided lower bound of a share at confidence 1 − alpha. Clopper and Pearson, Biometrika 26 (1934). */
export function lowerBound(events: number, n: number, alpha: number): number {
  if (events <= 0 || n <= 0) return 0;
  if (events >= n) return Math.exp(Math.log(alpha) / n);
  return betaQuantile(alpha, events, n - events + 1);
}

/** The lower bound a share is judged by. */
export type Bound = (events: number, n: number) => number;

/** For what is judged once. */
const oneLook: Bound = (events, n) => lowerBound(events, n, ONE_SIDED_ALPHA);

/** For what is judged again and again, each look from the same beginning, and from `beginnings` of them one by one. */
export const anyLook =
  (beginnings: number): Bound =>
  (events, n) =>
    alwaysValidLowerBound(events, n, ONE_SIDED_ALPHA / beginnings);

/** Crossed where the lower bound is above the limit and at least 5 events stand behind it. */
export function judgeGuardrail(input: {
  readonly metric: string;
  readonly n: number;
  readonly events: number;
  readonly limit: number;
  /** Left out, of one look. */
  readonly bound?: Bound;
}): Guardrail {
  const { n, limit, bound = oneLook } = input;
  const events = Math.min(input.events, n);
  const lower95 = bound(events, n);
  return {
    metric: input.metric,
    n,
    events,
    rate: n === 0 ? 0 : events / n,
    lower95,
    limit,
    crossed: events >= MIN_EVENTS && lower95 > limit,
  };
}
