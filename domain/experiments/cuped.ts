import { cupedOfShares } from './cuped-of-shares';
import { isShare, type ArmOutcome } from './evaluation';
import { momentsOf, type Moments } from './means';

/** One arm's values and, of the same people in the same order, what was known of them before. */
export interface WithCovariate {
  readonly values: readonly number[];
  readonly covariate: readonly number[];
}

export interface Cuped {
  /** 0: the covariate says nothing. */
  readonly theta: number;
  /** Share of the variance that the covariate explains, 0…1. */
  readonly reduction: number;
  /** Of each arm, in the order given, adjusted. */
  readonly arms: readonly Moments[];
}

/**
 * Takes out of each value what the time before foretold: Y − θ(X − X̄), θ = cov(Y, X) / var(X) within arms, X̄ over all of them.
 * Variances get smaller and differences stay unbiased, since the covariate is from before anybody was dealt to an arm.
 * A. Deng, Y. Xu, R. Kohavi and T. Walker, WSDM 2013.
 */
export function cuped(arms: readonly WithCovariate[]): Cuped {
  const known = arms.map(({ values, covariate }) => ({
    values,
    covariate,
    y: momentsOf(values),
    x: momentsOf(covariate),
  }));
  let [squares, products, total] = [0, 0, 0];
  for (const { values, covariate, y, x } of known)
    values.forEach((value, i) => {
      const off = (covariate[i] ?? 0) - x.mean;
      squares += off * off;
      products += off * (value - y.mean);
      total += (value - y.mean) ** 2;
    });
  const theta = squares > 0 ? products / squares : 0;
  const people = known.reduce((sum, { x }) => sum + x.n, 0);
  const mean = known.reduce((sum, { x }) => sum + x.n * x.mean, 0) / Math.max(1, people);
  return {
    theta,
    reduction: squares > 0 && total > 0 ? (products * products) / (squares * total) : 0,
    arms: known.map(({ values, covariate }) =>
      momentsOf(values.map((value, i) => value - theta * ((covariate[i] ?? 0) - mean))),
    ),
  };
}

/** Of arms whose covariate is known, as values or as sums; null where one of them has none. */
export function cupedOf(arms: readonly ArmOutcome[]): Cuped | null {
  const known = covariates(arms);
  return known === null ? cupedOfShares(arms) : cuped(known);
}

/** Values and covariate of each arm; null where one of them has none. */
function covariates(arms: readonly ArmOutcome[]): WithCovariate[] | null {
  const given = arms.flatMap((arm) =>
    !isShare(arm) && arm.values !== undefined && arm.covariate?.length === arm.values.length
      ? [{ values: arm.values, covariate: arm.covariate }]
      : [],
  );
  return given.length === arms.length ? given : null;
}
